import assert from "node:assert/strict";
import test from "node:test";

import { filterRuns, limitRuns, trayRuns } from "../../realtime/static/realtime/tasks-rows.js";
import "./static-resolver.mjs";

const { createTaskText, toneOf } = await import("../../realtime/static/realtime/tasks-text.js");

const NOW = Date.parse("2026-11-25T10:00:00+08:00");
const run = (id, changed = {}) => ({
  key: `task:${id}`,
  kind: "task",
  version: 1,
  owner: "lin",
  state: "running",
  done: 0,
  total: 0,
  errors: 0,
  message: "",
  rate: null,
  eta_seconds: null,
  created_at: `2026-11-25T09:0${id}:00+08:00`,
  finished_at: null,
  ...changed,
});
const ended = (id, minutesAgo, changed = {}) =>
  run(id, {
    state: "succeeded",
    finished_at: new Date(NOW - minutesAgo * 60_000).toISOString(),
    ...changed,
  });
const board = (...rows) => new Map(rows.map((row) => [row.key, row]));
const tray = (rows, changed = {}) =>
  trayRuns(rows, new Map(), { owner: "lin", dismissed: new Set(), now: NOW, ...changed }).map(
    (row) => row.key,
  );

test("the tray shows the reader's own tasks only, also to operations", () => {
  assert.deepEqual(tray(board(run(1), run(2, { owner: "wu" }))), ["task:1"]);
});

test("an ended task leaves the tray after 15 minutes, and at once when dismissed", () => {
  const rows = board(ended(1, 14), ended(2, 16));
  assert.deepEqual(tray(rows), ["task:1"]);
  assert.deepEqual(tray(rows, { dismissed: new Set(["task:1"]) }), []);
});

test("an active task never leaves the tray, however old", () => {
  const rows = board(
    run(1, { created_at: "2026-11-20T09:00:00+08:00" }),
    run(2, { state: "queued" }),
  );
  assert.deepEqual(tray(rows), ["task:2", "task:1"]);
});

test("active tasks come before ended ones, and the rest is counted", () => {
  const { shown, left } = limitRuns([ended(3, 1), ended(2, 2), run(1)], 1);
  assert.deepEqual(
    shown.map((row) => row.key),
    ["task:1"],
  );
  assert.equal(left, 2);
  assert.deepEqual(limitRuns([], 1), { shown: [], left: 0 });
});

test("the filters by state and owner apply together", () => {
  const runs = [run(1), ended(2, 1), ended(3, 1, { owner: "wu" })];
  assert.deepEqual(
    filterRuns(runs, { state: "succeeded", owner: "lin" }).map((row) => row.key),
    ["task:2"],
  );
  assert.equal(filterRuns(runs, { state: "", owner: "" }).length, 3);
});

const texts = {
  "state.queued": "Queued",
  rate: "{rate}/s",
  left: "{time} left",
  "problems.one": "{number} problem",
  "problems.other": "{number} problems",
};
const words = createTaskText({ texts, language: "en" });

test("a running import shows progress, speed, time left and problems", () => {
  const running = run(1, { done: 6420, total: 10000, rate: 2310.4, eta_seconds: 2, errors: 14 });
  assert.equal(words.summary(running), "6,420 / 10,000 · 2,310/s · 2 sec left · 14 problems");
});

test("a queued task says so; without a known total no number is shown", () => {
  assert.equal(words.summary(run(1, { state: "queued", total: 10 })), "Queued");
  assert.equal(words.summary(run(1)), "");
});

test("a final message replaces the count of problems", () => {
  assert.equal(
    words.summary(ended(1, 1, { message: "3 new, 4 with problems", errors: 4 })),
    "3 new, 4 with problems",
  );
  assert.equal(words.summary(ended(1, 1, { errors: 1 })), "1 problem");
});

test("success with problems is a warning", () => {
  assert.deepEqual(
    [
      ended(1, 1),
      ended(1, 1, { errors: 2 }),
      run(1, { state: "failed" }),
      run(1, { state: "cancelled" }),
    ].map(toneOf),
    ["ok", "warn", "alert", ""],
  );
});
