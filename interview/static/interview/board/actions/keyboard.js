// Keyboard shortcuts. They are off while an input has the focus and while Ctrl, Alt or Meta is
// pressed, except Ctrl-K, which opens the command palette from everywhere.

import { nearestCard } from "../model/arrow-navigation.js";
import { daysLater } from "../util/clock.js";
import { VIEWS } from "../util/url-state.js";
import { closePanel } from "../views/dialogs.js";
import { act, mayTake, undo } from "./interview-actions.js";

const ACTIONS = { c: "check-in", s: "start", f: "finish" };

const isTyping = (target) =>
  target.closest?.("input:not([type=checkbox]), select, textarea") !== null;

export function bindKeyboard(app) {
  document.addEventListener("keydown", (/** @type {KeyboardEvent & {target: any}} */ event) => {
    if (event.isComposing) return; // the key belongs to an input method, such as pinyin
    if (isPaletteKey(event)) {
      if (document.querySelector("dialog:modal") === null) app.openPalette();
      event.preventDefault();
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && closesPanel(app, event.target)) {
      closePanel(app);
      event.preventDefault();
      return;
    }
    if (isTyping(event.target)) {
      if (event.key === "Escape" && event.target.id === "search") leaveSearch(app, event);
      return;
    }
    if (event.repeat && !event.key.startsWith("Arrow")) return; // one key press is one step
    if (runShortcut(app, event.key)) event.preventDefault();
  });
}

const isPaletteKey = (event) => (event.ctrlKey || event.metaKey) && event.key === "k";

/** True if Escape closes the panel. A form that somebody has begun is left only from within it. */
function closesPanel(app, target) {
  if (!isPanelOpen() || target.id === "search") return false;
  return !app.form?.isTouched || target.closest?.("#drawer") !== null;
}

/** True if the panel is open, and neither a dialog nor a menu is above it. */
const isPanelOpen = () =>
  document.querySelector("#drawer[open]:not(:modal)") !== null &&
  document.querySelector("dialog:modal, details.menu[open]") === null;

function leaveSearch(app, event) {
  app.setFilter({ query: "" });
  event.target.blur();
}

/** Runs the shortcut of a key. Returns false for a key without one. */
function runShortcut(app, key) {
  if (key in ACTIONS) return takeAction(app, ACTIONS[key]);
  if (key === "z") {
    undo(app);
    return true;
  }
  if (document.querySelector("dialog:modal")) return false;
  if (key.startsWith("Arrow")) return moveFocus(app, key);
  const found = COMMANDS[key];
  found?.(app);
  return found !== undefined;
}

const COMMANDS = {
  "/": () => document.getElementById("search").focus(),
  "?": (app) => app.openHelp(),
  1: (app) => app.navigate({ view: VIEWS[0] }),
  2: (app) => app.navigate({ view: VIEWS[1] }),
  3: (app) => app.navigate({ view: VIEWS[2] }),
  t: (app) => app.navigate({ day: null }),
  "[": (app) => app.navigate({ day: daysLater(app.viewModel.day, -1) }),
  "]": (app) => app.navigate({ day: daysLater(app.viewModel.day, 1) }),
};

/** Takes an action on the focused card, else on the open one, else on the selected one. */
function takeAction(app, action) {
  const focused = /** @type {HTMLElement | null} */ (
    document.activeElement?.closest("#view [data-key]")
  );
  const card = app.rows.get(focused?.dataset.key ?? app.urlState.card ?? app.selected);
  if (!card || !mayTake(app, card, action)) return false;
  act(app, card, action);
  return true;
}

/** Moves the focus to the next card in a direction, by the positions on the screen. */
function moveFocus(app, direction) {
  const elements = [...document.querySelectorAll("#view [data-key]")];
  const places = elements.map((element) => ({
    key: element.dataset.key,
    box: (element.closest("[role=row]") ?? element).getBoundingClientRect(),
  }));
  const focused = /** @type {HTMLElement} */ (document.activeElement);
  const active = focused?.dataset?.key;
  if (!active && focused !== document.body && !inView()) return false;
  const key = active ? nearestCard(places, active, direction) : (app.selected ?? places[0]?.key);
  const element = elements.find((one) => one.dataset.key === key);
  element?.focus();
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return element !== undefined;
}

const inView = () => document.activeElement.closest("#view, #main") !== null;
