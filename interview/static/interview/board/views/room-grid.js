// The grid: a row for each room, interviewer or candidate, hours from left to right, and a line at
// the current time.

import { styleMap } from "../../../project/style-map.js";
import { classMap } from "../../../vendor/lit-html/directives/class-map.js";
import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { rules } from "../../rules.js";
import { conflictsAt } from "../actions/conflict-check.js";
import { isFilteredBeyondRooms } from "../model/filters.js";
import {
  assignLevels,
  candidateLanes,
  HOUR_WIDTHS,
  interviewerLanes,
  positionOf,
  roomLanes,
} from "../model/grid-layout.js";
import { timeOf } from "../util/clock.js";
import { slotView } from "./grid-card.js";

const HOUR = 60;
const CROWDED_HOURS = 14; // more labels would touch each other
const COVERED_MINUTES = 22; // half the width of the label of the current time

export function gridView(app, viewModel) {
  const { isToday, minute, slots, span } = viewModel;
  const lanes = LANES[app.lanes()](app, viewModel, slots);
  const hasNow = isToday && minute >= span.from && minute <= span.to;
  const now = hasNow ? `${positionOf(span.from, minute, span).width}%` : "-1px";
  const hours = (span.to - span.from) / HOUR;
  const width = HOUR_WIDTHS[app.look.zoom];
  const classes = { grid: true, "has-now": hasNow, compact: app.look.isCompact };
  return html`<div class=${classMap(classes)} role="group"
    aria-label=${app.t(`${app.lanes()}_grid`)}
    style=${styleMap({ "--hours": hours, "--hour": `${width}rem`, "--rooms": lanes.length, "--now": now })}>
    <div class="scale" aria-hidden="true">
      <span class="corner"></span>
      <div class="hours">
        ${timeMarks(span, hasNow ? minute : null, stepOf(app.look.zoom, hours)).map(
          (
            at,
          ) => html`<span style=${styleMap({ left: `${positionOf(span.from, at, span).width}%` })}
            data-at=${at === span.from ? "first" : at === span.to ? "last" : nothing}
            >${timeOf(at)}</span>`,
        )}
        ${hasNow ? html`<b class="now-time">${timeOf(minute)}</b>` : nothing}
      </div>
    </div>
    <div class="rooms">
      ${repeat(
        lanes,
        ({ id }) => id,
        (lane) => laneView(app, viewModel, lane, span),
      )}
    </div>
  </div>`;
}

const LANES = {
  rooms: (app, viewModel, slots) =>
    roomLanes(viewModel.rooms, slots, app.filter.rooms, isFilteredBeyondRooms(app.filter)),
  interviewers: (_app, _viewModel, slots) => interviewerLanes(slots),
  candidates: (_app, _viewModel, slots) => candidateLanes(slots),
};

/** Minutes between two labels of the scale. */
function stepOf(zoom, hours) {
  if (zoom === HOUR_WIDTHS.length - 1) return HOUR / 2;
  return zoom === 0 && hours > CROWDED_HOURS ? 2 * HOUR : HOUR;
}

/** The times on the scale, without those that the label of the current time would cover. */
function timeMarks(span, now, step) {
  const marks = [];
  for (let at = span.from; at <= span.to; at += step) {
    if (now === null || Math.abs(at - now) > COVERED_MINUTES) marks.push(at);
  }
  return marks;
}

function laneView(app, viewModel, { id, name, room, slots }, span) {
  const levels = assignLevels(slots);
  const words = room
    ? roomWords(app, viewModel, room)
    : { tone: "", text: app.t("lane_count", { count: slots.length }) };
  return html`<section class="room" aria-labelledby="lane-${id}"
    style=${styleMap({ "--levels": levels })}>
    <h3 class="name" id="lane-${id}" title=${room?.directions ?? name}>
      <span>${name || app.t("lane_nobody")}</span><small class=${words.tone}>${words.text}</small>
    </h3>
    <div class="room-timeline" data-lane=${id} data-room=${room ? id : nothing}>
      ${repeat(
        slots,
        (slot) => slot.card.key,
        (slot) => slotView(app, viewModel, slot, span, levels),
      )}
      ${slots.filter((slot) => slot.expected !== null).map((slot) => railView(app, slot, span))}
      ${app.ghost?.lane === id ? ghostView(app, span) : nothing}
    </div>
  </section>`;
}

/** The text under a room's name: its delay, or what kind of room it is. */
function roomWords(app, viewModel, room) {
  if (viewModel.isToday && room.delay_minutes > 0) {
    const tone = room.delay_minutes >= rules.late_room_minutes ? "late" : "";
    return { tone, text: app.t("room_late", { minutes: room.delay_minutes }) };
  }
  if (room.room_kind === "video") return { tone: "", text: app.t("room_video") };
  if (!viewModel.isToday) return { tone: "", text: room.directions };
  const isBusy = viewModel.busyRooms.has(room.id);
  return { tone: "", text: app.t(isBusy ? "room_on_time" : "room_free") };
}

/** The expected time of a late interview: a bar below the card. */
function railView(app, { card, expected, expectedTo }, span) {
  const { left, width } = positionOf(expected, expectedTo, span);
  const text = `${app.t("expected_chip", { time: timeOf(expected) })} ${card.candidate}`;
  return html`<span class="rail" data-status=${card.status} aria-hidden="true" title=${text}
    style=${styleMap({ left: `${left}%`, width: `calc(${width}% - 4px)` })}><span>${text}</span></span>`;
}

/** Preview of the place where a dragged card would be dropped, with all its conflicts there. */
function ghostView(app, span) {
  const { card, from, to, place } = app.ghost;
  const { left, width } = positionOf(from, to, span);
  const conflicts = place ? conflictsAt(app, card, place) : [];
  const isRefused = conflicts.some((one) => one.refused);
  const classes = { ghost: true, clash: isRefused, warn: !isRefused && conflicts.length > 0 };
  return html`<span class=${classMap(classes)} role="status"
    style=${styleMap({ left: `${left}%`, width: `calc(${width}% - 4px)` })}>
    <b>${timeOf(from)}–${timeOf(to)}</b>${conflicts.map((one) => html`<small>${one.text}</small>`)}
  </span>`;
}
