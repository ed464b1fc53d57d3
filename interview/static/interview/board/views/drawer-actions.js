// The action buttons of the card drawer: the likely next step first, rare acts in a menu.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { mayTake, NEEDS_FORM, takeOrAsk } from "../actions/interview-actions.js";
import { nextStep } from "../model/next-step.js";

const STEPS = ["confirm", "check-in", "start", "finish"]; // taken with one click
const REPORTS = ["report-missing"]; // one click too, but only if the server offers it
const DANGEROUS = new Set(["no-show", "cancel"]);
const COMMON = new Set(["reschedule", "reassign", "undo"]); // beside the next step
const REPAIRS = { candidate_missing: "no-show", interviewer_missing: "report-missing" };
const KEYS = { "check-in": "C", start: "S", finish: "F" };

export function actionsView(app, card) {
  const names = allowedOn(app, card);
  if (names.length === 0) return "";
  const shown = shownNames(app, card, names);
  const rare = names.filter((name) => !shown.includes(name));
  return html`<div class="row sheet-actions" role="group" aria-label=${app.t("actions")}>
    ${shown.map((name) => buttonView(app, card, name))}
    ${
      rare.length
        ? html`<details class="menu rare">
            <summary class="button">${app.t("more_actions")}<span class="caret" aria-hidden="true"></span></summary>
            <div class="menu-panel">${rare.map((name) => itemView(app, card, name))}</div>
          </details>`
        : nothing
    }
  </div>`;
}

/** The actions that the server last allowed and that the current status still permits. */
function allowedOn(app, card) {
  const told = (app.detail?.key === card.key && app.detail.allowed) || STEPS;
  return [...STEPS, ...REPORTS, ...NEEDS_FORM, "undo"].filter(
    (name) => told.includes(name) && mayTake(app, card, name),
  );
}

/** The actions with a button of their own, the next step first. */
function shownNames(app, card, names) {
  const repairs = card.flags.map((flag) => REPAIRS[flag]);
  const next = nextStep(card, app.now());
  const rank = (name) => (name === next ? 0 : repairs.includes(name) ? 1 : 2);
  return names
    .filter((name) => rank(name) < 2 || COMMON.has(name))
    .sort((one, other) => rank(one) - rank(other));
}

function buttonView(app, card, name) {
  const isNext = name === nextStep(card, app.now());
  const tone = isNext ? "primary" : DANGEROUS.has(name) ? "danger" : "";
  return html`<button class="button ${tone} ${name === "undo" ? "quiet" : ""}" data-action=${name}
    ?disabled=${app.busy.has(card.key)} aria-keyshortcuts=${KEYS[name] ?? ""}
    @click=${() => takeOrAsk(app, card, name)}>${app.t(name)}</button>`;
}

function itemView(app, card, name) {
  const choose = (event) => {
    const menu = event.target.closest("details");
    menu.querySelector("summary").focus(); // the entry disappears
    menu.open = false;
    takeOrAsk(app, card, name);
  };
  return html`<button class="menu-item ${DANGEROUS.has(name) ? "bad" : ""}" data-action=${name}
    ?disabled=${app.busy.has(card.key)} @click=${choose}>${app.t(name)}</button>`;
}
