import assert from "node:assert/strict";
import test from "node:test";

import { newestFirst, timeLeft } from "../../realtime/static/realtime/tasks-rows.js";

const run = (id, changed = {}) => ({
  key: `task:${id}`,
  kind: "task",
  version: 2,
  state: "running",
  done: 10,
  total: 100,
  created_at: `2026-11-25T0${id}:00:00+08:00`,
  finished_at: null,
  ...changed,
});
const board = (...rows) => new Map(rows.map((row) => [row.key, row]));

test("the newest task comes first", () => {
  assert.deepEqual(
    newestFirst(board(run(1), run(3), run(2)), new Map()).map((row) => row.key),
    ["task:3", "task:2", "task:1"],
  );
});

test("progress replaces the values of its row", () => {
  const [shown] = newestFirst(board(run(1)), board(run(1, { done: 40, message: "Row 40" })));
  assert.equal(shown.done, 40);
  assert.equal(shown.message, "Row 40");
});

test("progress never goes back", () => {
  const [shown] = newestFirst(board(run(1, { done: 50 })), board(run(1, { done: 40 })));
  assert.equal(shown.done, 50);
});

test("progress of an ended task, or of an older version, is ignored", () => {
  const ended = run(1, { state: "succeeded", done: 100, finished_at: "2026-11-25T02:00:00+08:00" });
  assert.equal(newestFirst(board(ended), board(run(1)))[0], ended);
  const newer = run(1, { version: 3 });
  assert.equal(newestFirst(board(newer), board(run(1, { done: 90 })))[0], newer);
});

test("time left is given in one unit, and not at all if unknown", () => {
  assert.equal(timeLeft(90, "en"), "2 min");
  assert.equal(timeLeft(2, "en"), "2 sec");
  assert.equal(timeLeft(0, "en"), "0 sec");
  assert.equal(timeLeft(null, "en"), "");
});
