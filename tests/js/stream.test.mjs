import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { apply, applyLatest, emptyBoard } from "../../realtime/static/realtime/stream.js";

const vectors = JSON.parse(
  readFileSync(new URL("../vectors/apply.json", import.meta.url), "utf-8"),
);
const boardOf = (written) => ({
  ...written,
  rows: new Map(written.rows.map((row) => [row.key, row])),
});

for (const { name, start, frames, expected } of vectors) {
  test(`vector: ${name}`, () => {
    const board = frames.reduce(apply, boardOf(start));
    assert.deepEqual(board, boardOf(expected));
  });
}

test("a frame never changes the board it is applied to", () => {
  for (const { start, frames } of vectors) {
    const board = boardOf(start);
    apply(board, frames[0]);
    assert.deepEqual(board, boardOf(start));
  }
});

test("a frame with nothing new returns the same board, so that nothing is drawn", () => {
  const board = { ...emptyBoard, epoch: "e1", position: 4 };
  const old = { type: "changes", epoch: "e1", from: 3, to: 4, changes: [] };
  assert.equal(apply(board, old), board);
});

test("the newest presence and progress row wins, and null removes it", () => {
  const items = [
    { key: "presence:7", row: { key: "presence:7", watching: "interview:1" } },
    { key: "presence:8", row: { key: "presence:8", watching: null } },
  ];
  const before = applyLatest(new Map(), { items });
  const after = applyLatest(before, { items: [{ key: "presence:7", row: null }] });
  assert.deepEqual([...after.keys()], ["presence:8"]);
  assert.equal(before.size, 2);
});
