// Keyboard shortcuts. They are off while an input has the focus and while Ctrl, Alt or Meta is
// pressed.

import { act, mayTake, undo } from "./interview-actions.js";
import { daysLater } from "../util/clock.js";
import { nearestCard } from "../model/arrow-navigation.js";
import { VIEWS } from "../util/url-state.js";

const STEPS = { c: "check-in", s: "start", f: "finish" };

const isTyping = (target) =>
  target.closest?.("input:not([type=checkbox]), select, textarea") !== null;

export function bindKeyboard(app) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape" && event.target.id === "search") leaveSearch(app, event);
      return;
    }
    if (pressed(app, event.key)) event.preventDefault();
  });
}

function leaveSearch(app, event) {
  app.setFilter({ query: "" });
  event.target.blur();
}

/** Runs the shortcut of a key. Returns false for a key without one. */
function pressed(app, key) {
  if (key in STEPS) return step(app, STEPS[key]);
  if (key === "z") return undo(app) ?? true;
  if (document.querySelector("dialog[open]")) return false;
  if (key.startsWith("Arrow")) return moveTo(app, key);
  const found = PLAIN[key];
  found?.(app);
  return found !== undefined;
}

const PLAIN = {
  "/": () => document.getElementById("search").focus(),
  "?": (app) => app.openHelp(),
  1: (app) => app.go({ view: VIEWS[0] }),
  2: (app) => app.go({ view: VIEWS[1] }),
  3: (app) => app.go({ view: VIEWS[2] }),
  t: (app) => app.go({ day: null }),
  "[": (app) => app.go({ day: daysLater(app.viewModel.day, -1) }),
  "]": (app) => app.go({ day: daysLater(app.viewModel.day, 1) }),
};

/** Takes an action on the open card, else on the selected one. */
function step(app, action) {
  const card = app.rows.get(app.urlState.card ?? app.selected);
  if (!card || !mayTake(app, card, action)) return false;
  act(app, card, action);
  return true;
}

/** Moves the focus to the next card in a direction, by the positions on the screen. */
function moveTo(app, direction) {
  const elements = [...document.querySelectorAll("#stage [data-key]")];
  const places = elements.map((element) => ({
    key: element.dataset.key,
    box: (element.closest("[role=row]") ?? element).getBoundingClientRect(),
  }));
  const active = document.activeElement?.dataset?.key;
  if (!active && document.activeElement !== document.body && !inStage()) return false;
  const key = active ? nearestCard(places, active, direction) : (app.selected ?? places[0]?.key);
  const element = elements.find((one) => one.dataset.key === key);
  element?.focus();
  element?.scrollIntoView({ block: "nearest", inline: "nearest" });
  return element !== undefined;
}

const inStage = () => document.activeElement.closest("#stage, #main") !== null;
