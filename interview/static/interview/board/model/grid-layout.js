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

/** Hours of the grid by zoom, in rem; 0 fits the whole day into the width. */
export const HOUR_WIDTHS = [0, 4, 6.5, 13];

/**
 * The span without the finished hours: from shortly before now, or before the first interview that
 * is not over.
 * @param {{from: number, to: number}} span
 * @param {any[]} slots
 * @param {(card: InterviewCard) => boolean} isOver
 * @param {number} minute of the day, now
 */
export function foldedSpan(span, slots, isOver, minute) {
  const open = slots.filter((slot) => !isOver(slot.card)).map((slot) => slot.from);
  const first = Math.min(minute, ...open) - HOUR / 2;
  const from = Math.max(span.from, Math.floor(first / HOUR) * HOUR);
  return { from: Math.min(from, span.to - HOUR), to: span.to };
}

/**
 * The rows of the grid for rooms in use, and for others that have a card, in order.
 * @param {RoomRow[]} rooms
 * @param {any[]} slots
 * @param {Set<number>} chosen ids of the rooms to show; empty for all
 * @param {boolean} isFiltered leaves out rooms without a card, because a filter is set
 */
export function roomLanes(rooms, slots, chosen, isFiltered = false) {
  const held = grouped(slots, (slot) => [slot.card.room_id]);
  return rooms
    .filter((room) => held.has(room.id) || (room.is_active && !isFiltered))
    .filter((room) => chosen.size === 0 || chosen.has(room.id))
    .sort((one, other) => one.position - other.position || one.name.localeCompare(other.name))
    .map((room) => ({ id: room.id, name: room.name, room, slots: held.get(room.id) ?? [] }));
}

/** A row for each interviewer with interviews, by name. Id 0 has those without an interviewer. */
export function interviewerLanes(slots) {
  const names = new Map([[0, ""]]);
  const attending = ({ card }) => {
    const people = card.assignments.filter((one) => one.response !== "declined");
    for (const one of people) names.set(one.id, one.name);
    return people.length ? people.map((one) => one.id) : [0];
  };
  return [...grouped(slots, attending)]
    .map(([id, own]) => ({ id, name: names.get(id), slots: own.map((slot) => ({ ...slot })) }))
    .sort(
      (one, other) => Number(!one.id) - Number(!other.id) || one.name.localeCompare(other.name),
    );
}

/** A row for each candidate, by the start of their first interview. */
export function candidateLanes(slots) {
  return [...grouped(slots, (slot) => [slot.card.candidate_id])]
    .map(([id, own]) => ({ id, name: own[0].card.candidate, slots: own }))
    .sort((one, other) => firstStart(one) - firstStart(other) || one.id - other.id);
}

const firstStart = (lane) => Math.min(...lane.slots.map((slot) => slot.from));

/** Slots by each of the keys that `keysOf` returns for them. */
function grouped(slots, keysOf) {
  const groups = new Map();
  for (const slot of slots) {
    for (const key of keysOf(slot)) {
      const group = groups.get(key);
      if (group) group.push(slot);
      else groups.set(key, [slot]);
    }
  }
  return groups;
}
