// The board as a value: functions from (board, frame) to board, without DOM, socket or clock.
// tests/vectors/apply.json holds what they promise; tests/support/board.py is the same in Python.

/** What a page holds before its first snapshot. */
export const emptyBoard = Object.freeze({
  epoch: null,
  position: null,
  rows: new Map(),
  stale: false,
});

/**
 * The board after a frame. The board given is never changed; the same one comes back when the
 * frame says nothing new. `stale` asks for a resume: frames are missing, or were renumbered.
 */
export function apply(board, frame) {
  if (frame.type === "snapshot") return fromSnapshot(frame);
  if (frame.type !== "changes") return board;
  if (board.position === null || frame.epoch !== board.epoch) return { ...board, stale: true };
  if (frame.to <= board.position) return board;
  if (frame.from > board.position + 1) return { ...board, stale: true };
  return { ...board, position: frame.to, rows: changed(board.rows, frame.changes), stale: false };
}

/** The rows of the second class (presence, progress) after a `latest` frame: newest wins. */
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

// A snapshot or a resume may hold a row newer than its position says; the frames in between
// must not put the older one back. An equal version counts: flags change with the clock alone.
function isOlder(row, held) {
  return held !== undefined && row.version < held.version;
}
