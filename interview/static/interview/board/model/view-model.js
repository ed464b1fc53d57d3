// Builds the view model: everything that one drawing of the board shows, from the rows, the URL
// state and the filter. Pure functions.

import { hasEnded } from "../../rules.js";
import { actionItemsOf } from "./action-items.js";
import { countsOf } from "./counts.js";
import { matchingCards } from "./filters.js";
import { foldedSpan, gridSpan, slotOf } from "./grid-layout.js";

/**
 * @param {App} app
 * @param {Date} now the server's time
 */
export function buildViewModel(app, now) {
  const { day, today, minute } = dayOf(app, now);
  const isToday = day === today;
  const interviews = ofKind(app.rows, "interview");
  const rooms = ofKind(app.rows, "room");
  const cards = interviews.filter((card) => card.day === day).sort(byStart);
  const shown = matchingCards(cards, app.filter);
  const slots = cards.map((card) => slotOf(card, day, app.clock));
  const isShown = new Set(shown);
  const whole = gridSpan(slots); // from all cards, so that a filter does not move the shown ones
  const isFolded = isToday && app.look.isFolded;
  const span = isFolded ? foldedSpan(whole, slots, isOver, minute) : whole;
  return {
    now,
    today,
    day,
    isToday,
    minute,
    rooms,
    cards,
    shown,
    slots: slots.filter((slot) => isShown.has(slot.card) && slot.to > span.from),
    span,
    busyRooms: new Set(
      cards.filter((card) => card.status === "in_progress").map((card) => card.room_id),
    ),
    jobs: [...new Set(cards.map((card) => card.job))].sort(),
    counts: countsOf(cards, app.rows, day),
    // Beside today's, what earlier days still owe and what is wrong with tomorrow.
    actionItems: isToday
      ? actionItemsOf([...interviews, ...ofKind(app.tomorrow, "interview")], rooms, now)
      : actionItemsOf(cards, [], now),
  };
}

function ofKind(rows, kind) {
  return [...rows.values()].filter((row) => row.kind === kind);
}

function byStart(one, other) {
  return Date.parse(one.starts_at) - Date.parse(other.starts_at) || one.id - other.id;
}

// The computer's clock may be wrong: until the server has told its time, today is as rendered.
function dayOf(app, now) {
  const read = app.clock.read(now);
  const today = app.isClockSet ? read.day : app.config.today;
  return { today, day: app.urlState.day ?? today, minute: read.minute };
}

/** True if the interview itself is over; scorecards may be due. */
const isOver = (card) => hasEnded(card) || card.status === "feedback_due";
