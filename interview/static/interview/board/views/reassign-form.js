// The form that changes the interviewers. Suggestions come from the server, best first.

import { live } from "../../../vendor/lit-html/directives/live.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { errorView, overrideField, reasonField } from "./form-fields.js";

export function reassignDefaults({ card }) {
  const declined = card.assignments.filter((one) => one.response === "declined");
  return { remove: declined.map((one) => one.id), add: [], reason: "", override_reason: "" };
}

export function reassignPayload({ values }) {
  return values;
}

export function reassignFields(app, card) {
  const { t, form } = app;
  return html`<fieldset class="field"><legend class="label">${t("form_remove")}</legend>
      ${card.assignments.map((one) => tickView(app, "remove", one.id, one.name, answerOf(app, one)))}
      ${errorView(form, "remove")}
    </fieldset>
    <fieldset class="field suggestions"><legend class="label">${t("form_add")}</legend>
      ${suggestionsView(app, card)} ${errorView(form, "add")}
    </fieldset>
    ${reasonField(app)} ${overrideField(app, { isNeeded: needsReason(app, card) })}`;
}

/** True if somebody who is chosen has a conflict that only a reason permits. */
function needsReason(app, card) {
  const people = app.suggestionsFor(card) ?? [];
  return people.some((one) => one.needs_reason && app.form.values.add.includes(one.id));
}

function answerOf(app, { response }) {
  return html`<span class="faint">${app.t(`response_${response}`)}</span>`;
}

function suggestionsView(app, card) {
  const people = app.suggestionsFor(card);
  if (!people) return html`<p class="muted" aria-busy="true">…</p>`;
  if (people.length === 0) return html`<p class="muted">${app.t("suggestions_none")}</p>`;
  return people.map((person) => {
    const load = app.t(suggestionText(person), { load: person.load, limit: person.load_limit });
    const tone = person.needs_reason ? "bad" : "good";
    return tickView(
      app,
      "add",
      person.id,
      person.name,
      html`<span class="small ${tone}">${load}</span>`,
    );
  });
}

function suggestionText(person) {
  if (!person.is_free) return "suggestion_busy";
  return person.needs_reason ? "suggestion_needs_reason" : "suggestion_free";
}

function tickView(app, name, id, label, note) {
  const chosen = app.form.values[name];
  const change = (event) =>
    app.setForm({
      [name]: event.target.checked ? [...chosen, id] : chosen.filter((other) => other !== id),
    });
  return html`<label class="choice-line"><input type="checkbox" .checked=${live(chosen.includes(id))}
    @change=${change}> <span>${label}</span> ${note ?? nothing}</label>`;
}
