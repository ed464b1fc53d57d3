// The forms of the drawer: excuse, cancel, no-show, reschedule, reassign, and undo after a refusal.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { act } from "../actions/interview-actions.js";
import { overrideField, reasonField, sideField } from "./form-fields.js";
import { reassignDefaults, reassignFields, reassignPayload } from "./reassign-form.js";
import { rescheduleDefaults, rescheduleFields, reschedulePayload } from "./reschedule-form.js";

const FORMS = {
  cancel: {
    defaults: () => ({ side: "candidate", reason: "" }),
    fields: (app) => [sideField(app, ["candidate", "interviewer", "company"]), reasonField(app)],
    payload: ({ values }) => values,
  },
  excuse: {
    defaults: () => ({ reason: "" }),
    fields: (app) => reasonField(app),
    payload: ({ values }) => values,
  },
  "no-show": {
    defaults: ({ card }) => ({ side: card.status === "arrived" ? "interviewer" : "candidate" }),
    fields: (app, card) =>
      sideField(app, card.status === "arrived" ? ["interviewer"] : ["candidate", "interviewer"]),
    payload: ({ values }) => values,
  },
  reschedule: {
    defaults: rescheduleDefaults,
    fields: rescheduleFields,
    payload: reschedulePayload,
  },
  reassign: { defaults: reassignDefaults, fields: reassignFields, payload: reassignPayload },
  undo: {
    defaults: () => ({ override_reason: "" }),
    fields: (app) => overrideField(app, { isNeeded: true }),
    // The version for which it was refused: a change since then must not be undone instead.
    payload: ({ base, values }) => ({ version: base.version, ...values }),
  },
};

/** A new form for an action on a card; `given` replaces default values. */
export function startForm(app, card, action, given = {}) {
  const values = { ...FORMS[action].defaults({ app, card }), ...given };
  return { key: card.key, action, base: card, values, errors: {} };
}

export function formView(app, card) {
  const { t, form } = app;
  const kind = FORMS[form.action];
  const send = (event) => {
    event.preventDefault();
    act(app, card, form.action, kind.payload(app.form, app, card));
  };
  const danger = form.action === "cancel" || form.action === "no-show";
  return html`<form class="sheet-form card" @submit=${send} data-form=${form.action}
    aria-label=${t(form.action)}>
    <h3>${t(form.action)}</h3>
    ${kind.fields(app, card)} ${otherErrors(form)}
    <div class="row">
      <button class="button ${danger ? "danger" : "primary"}" ?disabled=${app.busy.has(card.key)}
        >${t(`send_${form.action}`)}</button>
      <button type="button" class="button quiet" @click=${() => app.closeForm()}>${t("keep")}</button>
    </div>
  </form>`;
}

/** Errors that belong to no field of the form. */
function otherErrors({ values, errors }) {
  const shown = new Set([...Object.keys(values), "starts_at", "ends_at"]);
  const others = Object.entries(errors).filter(([name]) => !shown.has(name));
  return others.length
    ? html`<p class="field error" role="alert"><span class="error">${others.flatMap(([, list]) => list).join(" ")}</span></p>`
    : nothing;
}
