// The form that moves an interview in time or room, with the clash shown before it is sent.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { live } from "../../vendor/lit-html/directives/live.js";
import { timesText } from "./card.js";
import { minuteOf } from "./clock.js";
import { clashesIn } from "./clashes.js";
import { errorView, reasonField, setter } from "./fields.js";

export function moveStart({ app, card }) {
  return {
    day: card.day,
    start: app.clock.time(card.starts_at),
    end: app.clock.time(card.ends_at),
    room: String(card.room_id),
    reason: "",
  };
}

export function movePayload({ values }, app) {
  const starts = minuteOf(values.start);
  const ends = minuteOf(values.end);
  return {
    starts_at: app.clock.moment(values.day, starts),
    ends_at: app.clock.moment(values.day, ends),
    room: Number(values.room),
    reason: values.reason,
  };
}

export function moveFields(app, card) {
  const { say, form } = app;
  const rooms = [...app.rows.values()].filter((row) => row.kind === "room" && row.is_active);
  return html`<div class="pair">
      ${field(app, "day", "form_day", "date", "")} ${field(app, "start", "form_start", "time", "starts_at")}
      ${field(app, "end", "form_end", "time", "ends_at")}
    </div>
    <div class="field"><label for="form-room">${say("form_room")}</label>
      <select id="form-room" @change=${setter(app, "room")}>
        ${rooms.map(
          (room) => html`<option value=${room.id} .selected=${String(room.id) === form.values.room}
            >${room.name}</option>`,
        )}
      </select>${errorView(form, "room")}
    </div>
    ${clashView(app, card)} ${reasonField(app)}`;
}

function field(app, name, label, type, errorName) {
  const { form } = app;
  const change = (event) =>
    name === "start" ? app.setForm(movedStart(form.values, event.target.value)) : setter(app, name)(event);
  return html`<div class="field"><label for="form-${name}">${app.say(label)}</label>
    <input id="form-${name}" type=${type} required .value=${live(form.values[name])} @change=${change}>
    ${errorName ? errorView(form, errorName) : nothing}
  </div>`;
}

/** A later start keeps the length. */
function movedStart(values, start) {
  if (!start) return { start };
  const length = minuteOf(values.end) - minuteOf(values.start);
  const end = Math.min(minuteOf(start) + length, 23 * 60 + 59);
  const text = `${String(Math.floor(end / 60)).padStart(2, "0")}:${String(end % 60).padStart(2, "0")}`;
  return { start, end: text };
}

function clashView(app, card) {
  const { day, start, end, room } = app.form.values;
  if (!day || !start || !end) return nothing;
  const from = Date.parse(app.clock.moment(day, minuteOf(start)));
  const to = Date.parse(app.clock.moment(day, minuteOf(end)));
  const [clash] = clashesIn(app.rows, { key: card.key, room: Number(room), from, to });
  if (!clash) return html`<p class="small good">${app.say("room_is_free")}</p>`;
  const text = app.say("clash_with", { candidate: clash.candidate, time: timesText(app, clash) });
  return html`<p class="small bad" role="status">${text}</p>`;
}
