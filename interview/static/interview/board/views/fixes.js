// The buttons of an action item, the most likely fix first.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { act } from "../actions/interview-actions.js";
import { hasNoAssessor } from "../model/action-items.js";

/**
 * @param {App} app
 * @param {any} item
 * @param {boolean} names fetches suggested interviewers, to name the best one on the button
 */
export function fixesView(app, item, names) {
  return FIXES[item.kind](app, item, names);
}

const FIXES = {
  interviewer_missing: (app, { card }, names) =>
    reassignFix(app, card, app.t("reason_swap"), names),
  candidate_missing: (app, { card }) => html`
    ${button(app, card, "confirm_no_show", "danger", () =>
      act(app, card, "no-show", { side: "candidate" }),
    )}
    ${button(app, card, "reschedule", "", () => app.openForm(card, "reschedule"))}`,
  room_late: (app, item) => html`<button class="button small primary"
      @click=${() => app.openShift(item)}
    >${app.t("shift_room", { minutes: item.shift })}</button>`,
  declined: (app, { card }, names) => reassignFix(app, card, app.t("reason_declined"), names),
  excused: (app, { card }) => html`
    ${button(app, card, "reschedule", "primary", () => app.openForm(card, "reschedule"))}
    ${button(app, card, "cancel", "", () => app.openForm(card, "cancel", { reason: card.reason }))}`,
  clash: (app, { card }) => button(app, card, "reassign", "", () => app.openForm(card, "reassign")),
  overrun: (app, { card }) => button(app, card, "finish", "", () => act(app, card, "finish")),
  late: (app, { card }) => {
    const action = card.status === "arrived" ? "start" : "check-in";
    return button(app, card, action, "", () => act(app, card, action));
  },
  feedback_overdue: (app, { card }) =>
    hasNoAssessor(card)
      ? button(app, card, "reassign", "", () => app.openForm(card, "reassign"))
      : button(app, card, "open", "", () => app.open(card.key)),
  unconfirmed: (app, { card }) => button(app, card, "confirm", "", () => act(app, card, "confirm")),
};

function button(app, card, text, tone, run) {
  return html`<button class="button small ${tone}" ?disabled=${app.busy.has(card.key)}
    @click=${run}>${app.t(text)}</button>`;
}

/** Another interviewer takes over: the best suggestion with one click, the others in the drawer. */
function reassignFix(app, card, reason, names) {
  const leaving = leavingIds(card);
  const people = names ? app.suggestionsFor(card) : null;
  const best = people?.find((person) => !person.needs_reason);
  const choose = (text, tone) =>
    button(app, card, text, tone, () =>
      app.openForm(card, "reassign", { remove: leaving, reason }),
    );
  if (!best || leaving.length !== 1) return choose("swap", "primary");
  return html`<button class="button small primary" ?disabled=${app.busy.has(card.key)}
      @click=${() => swap(app, card, { remove: leaving, add: [best.id], reason })}
    >${app.t("swap_in", { name: best.name })}</button>
    ${choose("others", "")}`;
}

/** Swaps a person who has declined at once; asks before it takes the interview from anybody else. */
function swap(app, card, values) {
  const hasDeclined = card.assignments.every(
    (one) => !values.remove.includes(one.id) || one.response === "declined",
  );
  const data = { ...values, override_reason: "" };
  return hasDeclined ? act(app, card, "reassign", data) : app.openForm(card, "reassign", data);
}

/** Ids of the interviewers to replace: those who declined, else the only one. */
function leavingIds(card) {
  const declined = card.assignments.filter((one) => one.response === "declined");
  const leaving = declined.length ? declined : card.assignments;
  return leaving.length === 1 || declined.length ? leaving.map((one) => one.id) : [];
}
