// Positions on the room grid: hours run from left to right, cards are placed by minute, and
// expected delays are shown on a bar below the card. Pure functions.

const HOUR = 60;
const OFFICE_HOURS = { from: 9 * HOUR, to: 18 * HOUR };
const MIN_HOURS = 8; // fewer would make the cards too wide

/**
 * The hours that the grid shows, as minutes of the day: whole hours that contain all cards and
 * their expected delays.
 */
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

/** A card with its planned minutes of the day and, if it is expected later, the expected ones. */
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

/** Left edge and width, in percent of the span. */
export function positionOf(from, to, span) {
  const length = span.to - span.from;
  const left = ((from - span.from) / length) * 100;
  return { left, width: ((to - from) / length) * 100 };
}

/**
 * Gives each slot a level, so that none covers another: a cancelled interview may overlap the one
 * that replaced it. Sorts the slots in place and returns the number of levels.
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
 * Rooms with their slots, in order: rooms in use, and others that have a card.
 * @param {RoomRow[]} rooms
 * @param {any[]} slots
 * @param {Set<number>} chosen ids of the rooms to show; empty for all
 * @param {boolean} isFiltered leaves out rooms without a card, because a filter is set
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
