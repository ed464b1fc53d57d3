// The form that reschedules an interview. It shows all conflicts before the form is sent.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { conflictsAt } from "../actions/conflict-check.js";
import { minuteOf, timeOf } from "../util/clock.js";
import { errorView, overrideField, reasonField, setter } from "./form-fields.js";

const MINUTE_MS = 60_000;
const LAST_MINUTE = 23 * 60 + 59;

export function rescheduleDefaults({ app, card }) {
  return {
    day: card.day,
    start: app.clock.time(card.starts_at),
    end: app.clock.time(card.ends_at),
    room: String(card.room_id),
    length: (Date.parse(card.ends_at) - Date.parse(card.starts_at)) / MINUTE_MS,
    reason: "",
    override_reason: "",
  };
}

export function reschedulePayload({ values }, app) {
  const starts = minuteOf(values.start);
  const ends = minuteOf(values.end);
  return {
    starts_at: app.clock.moment(values.day, starts),
    ends_at: app.clock.moment(values.day, ends),
    room: Number(values.room),
    reason: values.reason,
    override_reason: values.override_reason,
  };
}

export function rescheduleFields(app, card) {
  const { t, form } = app;
  const rooms = [...app.rows.values()].filter((row) => row.kind === "room" && row.is_active);
  return html`<div class="pair">
      ${field(app, "day", "form_day", "date", "")} ${field(app, "start", "form_start", "time", "starts_at")}
      ${field(app, "end", "form_end", "time", "ends_at")}
    </div>
    <div class="field"><label for="form-room">${t("form_room")}</label>
      <select id="form-room" @change=${setter(app, "room")}>
        ${rooms.map(
          (room) => html`<option value=${room.id} .selected=${String(room.id) === form.values.room}
            >${room.name}</option>`,
        )}
      </select>${errorView(form, "room")}
    </div>
    ${reasonField(app)} ${conflictsView(app, card)}`;
}

function field(app, name, label, type, errorName) {
  const { form } = app;
  const change = ({ target }) =>
    app.setForm(CHANGES[name]?.(form.values, target.value) ?? { [name]: target.value });
  return html`<div class="field"><label for="form-${name}">${app.t(label)}</label>
    <input id="form-${name}" type=${type} required .value=${form.values[name]} @change=${change}>
    ${errorName ? errorView(form, errorName) : nothing}
  </div>`;
}

// A new start keeps the length of the interview, even if the field was empty in between.
const CHANGES = {
  start(values, start) {
    if (!start) return { start };
    return { start, end: timeOf(Math.min(minuteOf(start) + values.length, LAST_MINUTE)) };
  },
  end(values, end) {
    if (!end || !values.start) return { end };
    return { end, length: minuteOf(end) - minuteOf(values.start) };
  },
};

function conflictsView(app, card) {
  const { day, start, end, room } = app.form.values;
  if (!day || !start || !end) return nothing;
  const moment = (time) => Date.parse(app.clock.moment(day, minuteOf(time)));
  const place = { room: Number(room), from: moment(start), to: moment(end) };
  if (!(place.from < place.to)) return nothing;
  const conflicts = conflictsAt(app, card, place);
  return html`${
    conflicts.some((one) => one.refused)
      ? nothing
      : html`<p class="small good">${app.t("room_is_free")}</p>`
  }
    <div role="status">${conflicts.map((one) => html`<p class="small bad">${one.text}</p>`)}</div>
    ${overrideField(app, { isNeeded: conflicts.some((one) => !one.refused) })}`;
}
