import assert from "node:assert/strict";
import test from "node:test";

import { countQuiet, processes, toneOf } from "../../realtime/static/realtime/processes-rows.js";

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

test("a process whose last heartbeat is too long ago is silent, whatever its row says", () => {
  const rows = board(beat(1, "worker"), beat(2, "worker"));
  const heartbeats = { "heartbeat:1": 3, "heartbeat:2": 46 };
  const [worker] = processes(rows, ["worker"], heartbeats, 45);
  assert.deepEqual([worker.alive, worker.silent], [1, 1]);
  assert.deepEqual(
    worker.members.map((row) => [row.name, row.seen]),
    [
      ["host:2", 46],
      ["host:1", 3],
    ],
  );
});

test("silent and overdue processes are quiet", () => {
  const rows = board(beat(1, "worker"), beat(2, "worker"), beat(3, "beat"), beat(4, "relay"));
  const heartbeats = { "heartbeat:1": 3, "heartbeat:2": 46, "heartbeat:3": 21, "heartbeat:4": 20 };
  assert.equal(countQuiet(processes(rows, KINDS, heartbeats, 45), 10), 2);
  assert.equal(countQuiet(processes(rows, KINDS), 10), 0);
});

test("a task is not a process", () => {
  const run = { key: "task:1", kind: "task", process: "worker", name: "import", alive: true };
  assert.equal(processes(board(run), ["worker"])[0].alive, 0);
});
