// Builds the view model: everything that one drawing of the board shows, from the rows, the URL
// state and the filter. Pure functions.

import { actionItemsOf } from "./action-items.js";
import { countsOf } from "./counts.js";
import { matchingCards } from "./filters.js";
import { gridSpan, slotOf } from "./grid-layout.js";

/**
 * @param {App} app
 * @param {Date} now the server's time
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
    span: gridSpan(slots), // from all cards, so that a filter does not move the shown ones
    busyRooms: new Set(
      cards.filter((card) => card.status === "in_progress").map((card) => card.room_id),
    ),
    jobs: [...new Set(cards.map((card) => card.job))].sort(),
    counts: countsOf(cards, app.rows, day),
    // Today's list has the items of all days: yesterday's scorecards, tomorrow's declined
    // interviews.
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

/** The next day with interviews after this one, else the last one before it, else null. */
function nextDay(interviews, day) {
  const days = [...new Set(interviews.map((card) => card.day))].sort();
  return days.find((other) => other > day) ?? days.findLast((other) => other < day) ?? null;
}
