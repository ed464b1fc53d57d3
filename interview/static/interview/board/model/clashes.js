// Finds room conflicts among the cards of this board, as a hint while dragging and editing. The
// server decides. Pure functions.

import { isNotTakingPlace } from "../../rules.js";

/**
 * The cards that occupy a room in a period, except the card `key` that is to be placed there.
 * @param {Map<string, any>} rows
 * @param {{key: string, room: number, from: number, to: number}} place times in milliseconds
 */
export function clashingCards(rows, { key, room, from, to }) {
  const found = [];
  for (const row of rows.values()) {
    if (row.kind !== "interview" || row.key === key || row.room_id !== room) continue;
    if (isNotTakingPlace(row)) continue;
    if (Date.parse(row.starts_at) < to && Date.parse(row.ends_at) > from) found.push(row);
  }
  return found;
}
