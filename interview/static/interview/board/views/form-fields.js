// Fields that several forms of the drawer share.

import { live } from "../../../vendor/lit-html/directives/live.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { rules } from "../../rules.js";

export function errorView(form, name) {
  const reasons = form.errors[name];
  return reasons ? html`<span class="error" role="alert">${reasons.join(" ")}</span>` : nothing;
}

/** An event handler that stores what is typed in the form's values. */
export function setter(app, name) {
  return (event) => app.setForm({ [name]: event.target.value });
}

export function sideField(app, sides) {
  const { t, form } = app;
  return html`<fieldset class="field"><legend class="label">${t("form_side")}</legend>
    <div class="row">${sides.map(
      (side) => html`<label class="choice-line"><input type="radio" name="side" value=${side}
        .checked=${live(form.values.side === side)} @change=${setter(app, "side")}>
        ${t(`side_${side}`)}</label>`,
    )}</div>${errorView(form, "side")}
  </fieldset>`;
}

export function reasonField(app, { required = true, help = "" } = {}) {
  const { t, form } = app;
  return html`<div class="field"><label for="form-reason">${t("form_reason")}</label>
    <input id="form-reason" maxlength=${rules.reason_length} ?required=${required} autocomplete="off"
      .value=${live(form.values.reason ?? "")} @input=${setter(app, "reason")}>
    ${help ? html`<span class="help">${help}</span>` : nothing}${errorView(form, "reason")}
  </div>`;
}

/**
 * The reason that confirms conflicts of people. It is sent even if it is not shown: blank, so that
 * the server refuses conflicts that nobody has seen.
 */
export function overrideField(app, { isNeeded }) {
  const { t, form } = app;
  const value = form.values.override_reason;
  const isRefused = ["candidate", "interviewers", "add"].some((name) => form.errors[name]);
  if (!isNeeded && !isRefused && !value) return nothing;
  return html`<div class="field"><label for="form-override">${t("form_override")}</label>
    <input id="form-override" maxlength=${rules.reason_length} ?required=${isNeeded} autocomplete="off"
      .value=${live(value)} @input=${setter(app, "override_reason")}>
    <span class="help">${t("form_override_help")}</span>
  </div>`;
}
