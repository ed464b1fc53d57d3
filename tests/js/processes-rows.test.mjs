import assert from "node:assert/strict";
import test from "node:test";

import { processes, toneOf } from "../../realtime/static/realtime/processes-rows.js";

const KINDS = ["relay", "beat", "worker"];
const beat = (id, process, changed = {}) => ({
  key: `heartbeat:${id}`,
  kind: "heartbeat",
  process,
  name: `host:${id}`,
  alive: true,
  ...changed,
});
const board = (...rows) => new Map(rows.map((row) => [row.key, row]));

test("a kind of process that was never alive is shown as an alert", () => {
  const [relay] = processes(board(beat(1, "worker")), KINDS);
  assert.deepEqual(relay, { process: "relay", members: [], alive: 0, silent: 0 });
  assert.equal(toneOf(relay), "alert");
});

test("one silent worker is a warning and comes first; all silent is an alert", () => {
  const silent = beat(2, "worker", { alive: false });
  const [worker] = processes(board(beat(1, "worker"), silent), ["worker"]);
  assert.deepEqual(
    worker.members.map((row) => row.name),
    ["host:2", "host:1"],
  );
  assert.equal(toneOf(worker), "warn");
  assert.equal(toneOf(processes(board(silent), ["worker"])[0]), "alert");
  assert.equal(toneOf(processes(board(beat(1, "worker")), ["worker"])[0]), "ok");
});

test("a task is not a process", () => {
  const run = { key: "task:1", kind: "task", process: "worker", name: "import", alive: true };
  assert.equal(processes(board(run), ["worker"])[0].alive, 0);
});
