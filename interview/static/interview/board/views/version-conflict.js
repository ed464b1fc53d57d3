// Shown after a version conflict (409): what this page held and what the server holds now, side by
// side.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { act, mayTake } from "../actions/interview-actions.js";
import { changedFields } from "../model/card-diff.js";
import { namesText } from "../util/format.js";
import { statusText, timesText } from "./card.js";

/** The differences, shown after a refused action and above a form whose card has changed. */
export function conflictView(app, card) {
  const conflict = app.conflict?.key === card.key ? app.conflict : null;
  const seen = conflict?.seen ?? (app.form?.key === card.key ? app.form.base : card);
  const now = conflict && conflict.now.version > card.version ? conflict.now : card;
  const fields = changedFields(seen, now);
  if (!conflict && fields.length === 0) return nothing;
  const { t } = app;
  return html`<div class="banner warn conflict" role="alert"><div>
    <strong>${t("conflict")}</strong>
    ${fields.length ? tableView(app, fields, seen, now) : nothing}
    ${conflict ? choiceView(app, conflict, now) : nothing}
  </div></div>`;
}

function tableView(app, fields, seen, now) {
  const { t } = app;
  return html`<table class="table">
    <thead><tr><th scope="col">${t("conflict_what")}</th><th scope="col">${t("conflict_seen")}</th>
      <th scope="col">${t("conflict_now")}</th></tr></thead>
    <tbody>${fields.map(
      (name) => html`<tr><th scope="row">${t(LABELS[name])}</th>
        <td><del>${VALUES[name](app, seen)}</del></td><td><ins>${VALUES[name](app, now)}</ins></td></tr>`,
    )}</tbody>
  </table>`;
}

const LABELS = {
  status: "column_status",
  when: "when",
  where: "where",
  people: "people",
  reason: "reason",
};
const VALUES = {
  status: statusText,
  when: (app, card) => `${app.clock.dayText(card.day)} ${timesText(app, card)}`,
  where: (_app, card) => card.room,
  people: (app, card) =>
    namesText(
      card.assignments.map((one) => `${one.name} (${app.t(`response_${one.response}`)})`),
      app.config.language,
    ),
  reason: (_app, card) => card.reason,
};

function choiceView(app, { action, data }, now) {
  const leave = () => {
    app.conflict = null;
    app.refresh();
  };
  return html`<div class="row">
    ${
      action !== "undo" && mayTake(app, now, action)
        ? html`<button class="button small" ?disabled=${app.busy.has(now.key)}
          @click=${() => act(app, now, action, data)}>${app.t("conflict_again")}</button>`
        : nothing
    }
    <button class="button small" @click=${leave}>${app.t("conflict_leave")}</button>
  </div>`;
}
