// The action buttons of the card drawer.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { act, mayTake } from "../actions/interview-actions.js";

const STEPS = ["confirm", "check-in", "start", "finish"]; // taken with one click
const REPORTS = ["report-missing"]; // one click too, but only if the server offers it
const NEEDS_FORM = ["reschedule", "reassign", "excuse", "no-show", "cancel"];
const DANGEROUS = new Set(["no-show", "cancel"]);
const OBVIOUS = {
  scheduled: "check-in",
  confirmed: "check-in",
  arrived: "start",
  in_progress: "finish",
};
const KEYS = { "check-in": "C", start: "S", finish: "F" };

export function actionsView(app, card) {
  const names = allowedOn(app, card);
  if (names.length === 0) return "";
  return html`<div class="row sheet-actions" role="group" aria-label=${app.t("actions")}>
    ${names.map((name) => buttonView(app, card, name))}
  </div>`;
}

/** The actions that the server last allowed and that the current status still permits. */
function allowedOn(app, card) {
  const told = (app.detail?.key === card.key && app.detail.allowed) || STEPS;
  return [...STEPS, ...REPORTS, ...NEEDS_FORM, "undo"].filter(
    (name) => told.includes(name) && mayTake(app, card, name),
  );
}

function buttonView(app, card, name) {
  const tone = OBVIOUS[card.status] === name ? "primary" : DANGEROUS.has(name) ? "danger" : "";
  const run = NEEDS_FORM.includes(name)
    ? () => app.openForm(card, name)
    : () => act(app, card, name);
  return html`<button class="button ${tone} ${name === "undo" ? "quiet" : ""}" data-action=${name}
    ?disabled=${app.busy.has(card.key)} aria-keyshortcuts=${KEYS[name] ?? ""} @click=${run}
    >${app.t(name)}</button>`;
}
