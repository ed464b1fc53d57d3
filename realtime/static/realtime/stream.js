// The board as a value: pure functions from (board, frame) to board. tests/vectors/apply.json holds
// their contract; tests/support/clients/board.py is the same in Python.

/** The board before the first snapshot. */
export const emptyBoard = /** @type {Board} */ (
  Object.freeze({
    epoch: null,
    position: null,
    rows: new Map(),
    stale: false,
  })
);

/**
 * The board after a frame. The given board is not modified, and is returned if the frame brings
 * nothing new. `stale` asks for a resume: frames are missing, or were renumbered.
 * @param {Board} board
 * @param {any} frame
 * @returns {Board}
 */
export function apply(board, frame) {
  if (frame.type === "snapshot") return fromSnapshot(frame);
  if (frame.type !== "changes") return board;
  if (board.position === null || frame.epoch !== board.epoch) return { ...board, stale: true };
  if (frame.to <= board.position) return board;
  if (frame.from > board.position + 1) return { ...board, stale: true };
  return { ...board, position: frame.to, rows: changed(board.rows, frame.changes), stale: false };
}

/**
 * The rows that are not stored, presence and progress, after a `latest` frame.
 * @param {Map<string, any>} latest
 * @param {{items: {key: string, row: any}[]}} frame
 */
export function applyLatest(latest, frame) {
  const after = new Map(latest);
  for (const { key, row } of frame.items) {
    if (row === null) after.delete(key);
    else after.set(key, row);
  }
  return after;
}

function fromSnapshot(frame) {
  const rows = new Map(frame.rows.map((row) => [row.key, row]));
  return { epoch: frame.epoch, position: frame.position, rows, stale: false };
}

function changed(rows, changes) {
  const after = new Map(rows);
  for (const { key, row } of changes) {
    if (row === null) after.delete(key);
    else if (!isOlder(row, after.get(key))) after.set(key, row);
  }
  return after;
}

// A snapshot or a resume may hold a row newer than its position; the frames in between must not
// bring the older one back. An equal version is applied: flags change with time alone.
function isOlder(row, held) {
  return held !== undefined && row.version < held.version;
}
