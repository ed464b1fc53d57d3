// Where things stand on the rooms grid: hours positionOf, cards by minute, lateness on a rail below.

const HOUR = 60;
const OFFICE_HOURS = { from: 9 * HOUR, to: 18 * HOUR };
const MIN_HOURS = 8; // fewer would stretch cards beyond recognition

/** The whole hours the grid spans, in minutes of the day: those with cards, delays included. */
export function gridSpan(slots) {
  if (slots.length === 0) return OFFICE_HOURS;
  let from = Infinity;
  let to = -Infinity;
  for (const slot of slots) {
    from = Math.min(from, slot.from);
    to = Math.max(to, slot.to, slot.expectedTo ?? 0);
  }
  from = Math.floor(from / HOUR) * HOUR;
  return { from, to: Math.max(Math.ceil(to / HOUR) * HOUR, from + MIN_HOURS * HOUR) };
}

/** A card with its minutes: planned, and where it will really fall when that differs. */
export function slotOf(card, day, clock) {
  const from = clock.minuteOn(day, card.starts_at);
  const to = clock.minuteOn(day, card.ends_at);
  const expected = card.expected_at ? clock.minuteOn(day, card.expected_at) : null;
  const isLater = expected !== null && expected > from;
  return {
    card,
    from,
    to,
    expected: isLater ? expected : null,
    expectedTo: isLater ? expected + (to - from) : null,
  };
}

/** Left edge and width in percent of the span. */
export function positionOf(from, to, span) {
  const length = span.to - span.from;
  const left = ((from - span.from) / length) * 100;
  return { left, width: ((to - from) / length) * 100 };
}

/**
 * Give each slot a level, so that none covers another: a cancelled card may share its time
 * with the one that took its place. Answers the number of levels.
 */
export function assignLevels(slots) {
  const freeFrom = [];
  slots.sort((one, other) => one.from - other.from || one.card.id - other.card.id);
  for (const slot of slots) {
    let level = freeFrom.findIndex((minute) => minute <= slot.from);
    if (level === -1) level = freeFrom.push(0) - 1;
    freeFrom[level] = slot.to;
    slot.level = level;
  }
  return Math.max(1, freeFrom.length);
}

/**
 * Rooms with their slots, in order: those in use and those that hold a card.
 * @param {Set<number>} chosen ids of the rooms to keep to; empty for all
 * @param {boolean} isFiltered leave out rooms without a card: something particular is looked for
 */
export function roomsOf(rooms, slots, chosen, isFiltered = false) {
  const held = new Map();
  for (const slot of slots) {
    const list = held.get(slot.card.room_id);
    if (list) list.push(slot);
    else held.set(slot.card.room_id, [slot]);
  }
  return rooms
    .filter((room) => held.has(room.id) || (room.is_active && !isFiltered))
    .filter((room) => chosen.size === 0 || chosen.has(room.id))
    .sort((one, other) => one.position - other.position || one.name.localeCompare(other.name))
    .map((room) => ({ room, slots: held.get(room.id) ?? [] }));
}
