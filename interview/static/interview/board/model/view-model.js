// What one drawing of the board shows, worked out once per frame from rows, place and filter. Pure.

import { countsOf } from "./counts.js";
import { matchingCards } from "./filters.js";
import { slotOf, gridSpan } from "./grid-layout.js";
import { actionItemsOf } from "./action-items.js";

/**
 * @param {object} app rows, clock, place and filter
 * @param {Date} now the server's
 */
export function buildViewModel(app, now) {
  const { day: today, minute } = app.clock.read(now);
  const day = app.urlState.day ?? today;
  const isToday = day === today;
  const interviews = ofKind(app.rows, "interview");
  const rooms = ofKind(app.rows, "room");
  const cards = interviews.filter((card) => card.day === day).sort(byStart);
  const shown = matchingCards(cards, app.filter);
  const slots = cards.map((card) => slotOf(card, day, app.clock));
  const isShown = new Set(shown);
  return {
    now,
    today,
    day,
    isToday,
    minute,
    rooms,
    cards,
    shown,
    slots: slots.filter((slot) => isShown.has(slot.card)),
    span: gridSpan(slots), // of all cards: a filter moves nothing
    busyRooms: new Set(
      cards.filter((card) => card.status === "in_progress").map((card) => card.room_id),
    ),
    jobs: [...new Set(cards.map((card) => card.job))].sort(),
    counts: countsOf(cards, app.rows, day),
    // Today's lane holds what any day actionItems: yesterday's scorecards, tomorrow's refusals.
    actionItems: actionItemsOf(isToday ? interviews : cards, isToday ? rooms : [], now),
    nextDay: nextDay(interviews, day),
  };
}

function ofKind(rows, kind) {
  return [...rows.values()].filter((row) => row.kind === kind);
}

function byStart(one, other) {
  return Date.parse(one.starts_at) - Date.parse(other.starts_at) || one.id - other.id;
}

/** The nearest day with interviews after this one, else the last before it, else null. */
function nextDay(interviews, day) {
  const days = [...new Set(interviews.map((card) => card.day))].sort();
  return days.find((other) => other > day) ?? days.findLast((other) => other < day) ?? null;
}
