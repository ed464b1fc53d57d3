// The board's dialogs: card drawer, room shift, command palette and keyboard shortcuts. They are native dialogs: the
// browser keeps the focus inside, makes the rest of the page inert and restores the focus on close.
// On wide screens the drawer is a panel beside the board instead, which stays usable.

import { render } from "../../../vendor/lit-html/lit-html.js";
import { paletteView } from "./command-palette.js";
import { drawerView } from "./drawer.js";
import { shiftView } from "./shift-dialog.js";
import { helpView } from "./shortcuts-help.js";

const WIDE = matchMedia("(width >= 75rem)"); // as in drawer.css

const dialog = (name) => document.getElementById(name);

const DIALOGS = {
  drawer: {
    isOpen: (app) => app.urlState.card !== null,
    view: drawerView,
    close: (app) => app.close(),
    isPanel: () => WIDE.matches,
  },
  shift: { isOpen: (app) => app.shift !== null, view: shiftView, close: (app) => app.closeShift() },
  palette: {
    isOpen: (app) => app.palette !== null,
    view: paletteView,
    close: (app) => app.closePalette(),
  },
  help: { isOpen: (app) => app.isHelpOpen, view: helpView, close: (app) => app.closeHelp() },
};

let shown = null; // key of the card in the drawer; its title gets the focus when it changes
let reported = null; // key last reported to presence
/** @type {(key: string | null) => void} */
let reportViewing = () => {};

/** Closes dialogs on Escape and on a click outside, and reports the open card to presence. */
export function bindDialogs(app, live) {
  reportViewing = (key) => live.watch(key);
  for (const [name, { close, isOpen }] of Object.entries(DIALOGS)) {
    const element = dialog(name);
    element.addEventListener("close", () => !element.open && isOpen(app) && close(app));
    element.addEventListener("click", ({ target }) => {
      if (target === element && element.matches(":modal")) element.close();
    });
  }
  WIDE.addEventListener("change", () => app.refresh());
}

export function drawDialogs(app) {
  for (const [name, { isOpen, view, isPanel }] of Object.entries(DIALOGS)) {
    const element = dialog(name);
    const shouldOpen = isOpen(app);
    if (shouldOpen) render(view(app), element.firstElementChild);
    show(element, shouldOpen, isPanel?.() ?? false);
  }
  if (dialog("drawer").open && shown !== app.urlState.card)
    dialog("drawer").querySelector("h2")?.focus();
  shown = app.urlState.card;
  loadDetail(app);
}

function show(element, shouldOpen, isPanel) {
  const isOther = element.open && element.matches(":modal") === isPanel;
  if (element.open && (!shouldOpen || isOther)) element.close();
  if (!shouldOpen || element.open) return;
  if (isPanel) element.show();
  else element.showModal();
}

/** Closes the panel beside the board, and gives the focus to the card that it showed. */
export function closePanel(app) {
  const key = app.urlState.card;
  app.close();
  requestAnimationFrame(() => {
    /** @type {HTMLElement | null} */ (
      document.querySelector(`#view [data-key="${CSS.escape(key)}"]`)
    )?.focus();
  });
}

/**
 * Fetches what the stream does not carry, such as history and allowed actions, for each version
 * of the open card.
 */
function loadDetail(app) {
  const { card: key } = app.urlState;
  if (reported !== key) {
    reported = key;
    reportViewing(key);
  }
  const card = app.rows.get(key);
  if (!card || (app.detail?.key === key && app.detail.version === card.version)) return;
  const before =
    app.detail?.key === key
      ? app.detail
      : { events: null, allowed: null, notices: [], messages: [] };
  app.detail = { ...before, key, version: card.version };
  app.api.get(`interviews/${card.id}/`).then((answer) => {
    if (!answer.ok || app.detail?.key !== key) return;
    const { events, allowed, notices, messages } = answer.body;
    app.detail = { ...app.detail, events, allowed, notices, messages };
    app.refresh();
  });
}
