// What the wall screen shows of its rows: for each room the current and the next candidate, and the
// counters. Pure functions.

import { COUNTERS } from "../board/model/counts.js";
import { isWaiting, rules } from "../rules.js";

const COUNTED = ["today", "arrived", "in_progress", "done"];

/** The cards of a day that are not cancelled, in the order of their start. */
export function cardsOf(rows, day) {
  return [...rows.values()]
    .filter((row) => row.kind === "interview" && row.day === day && row.status !== "cancelled")
    .sort((one, other) => Date.parse(one.starts_at) - Date.parse(other.starts_at));
}

/**
 * Rooms by name, each with its current and next interview and its delay in minutes. Rooms whose
 * day is over are left out, which gives the others more space.
 */
export function roomsOf(cards, now) {
  const rooms = new Map();
  for (const card of cards) rooms.set(card.room_id, [...(rooms.get(card.room_id) ?? []), card]);
  return [...rooms.values()]
    .map((held) => roomOf(held, now))
    .filter((room) => room.now || room.next)
    .sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
}

function roomOf(cards, now) {
  const running = cards.find((card) => card.status === "in_progress");
  const waiting = cards.filter(isWaiting);
  const here = waiting.find((card) => card.status === "arrived");
  const awaited = waiting.find((card) => Date.parse(card.starts_at) <= now);
  const called = running ?? here ?? awaited ?? null;
  const next = waiting.find((card) => card !== called) ?? null;
  return { key: cards[0].room_id, name: cards[0].room, now: called, next, late: delayOf(waiting) };
}

function delayOf(waiting) {
  const delays = waiting
    .filter((card) => card.expected_at)
    .map((card) =>
      Math.round((Date.parse(card.expected_at) - Date.parse(card.starts_at)) / 60_000),
    );
  const delay = Math.max(0, ...delays.slice(0, 1));
  return delay >= rules.late_room_minutes ? delay : 0;
}

/** The counters of the wall, as [name, number]. */
export function countsOf(cards) {
  return COUNTERS.filter(({ name }) => COUNTED.includes(name)).map(({ name, matches }) => [
    name,
    cards.filter(matches).length,
  ]);
}
