// Whether a place is taken, as far as this board knows; the server decides. Pure.

const GONE = new Set(["cancelled", "no_show"]);

/**
 * The cards that hold a room in a span of time, except the one that is to move there.
 * @param {Map<string, object>} rows
 * @param {{key: string, room: number, from: number, to: number}} place times in milliseconds
 */
export function clashingCards(rows, { key, room, from, to }) {
  const found = [];
  for (const row of rows.values()) {
    if (row.kind !== "interview" || row.key === key || row.room_id !== room) continue;
    if (GONE.has(row.status)) continue;
    if (Date.parse(row.starts_at) < to && Date.parse(row.ends_at) > from) found.push(row);
  }
  return found;
}
