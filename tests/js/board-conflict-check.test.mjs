// Conflicts of a dragged card: those among the cards of the board, and the server's answer.

import assert from "node:assert/strict";
import test from "node:test";
import { conflictsAt } from "../../interview/static/interview/board/actions/conflict-check.js";
import { byKey, card, room } from "./cards.mjs";

const AT_TWO = {
  room: 1,
  from: Date.parse("2026-11-22T14:00Z"),
  to: Date.parse("2026-11-22T15:00Z"),
};
const busy = (id) => ({ kind: "booked", interviewer: id, text: `${id} is booked`, refused: false });

/** An app whose server answers each question with what `server.conflicts` holds. */
function start(context, rows) {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const server = { asked: [], conflicts: [] };
  const app = {
    rows: byKey(rows),
    checks: new Map(),
    wantedCheck: null,
    config: { language: "en" },
    clock: { time: (moment) => moment.slice(11, 16) },
    t: (name, { candidate, people = "" }) => `${name} ${candidate} ${people}`.trim(),
    api: {
      async get(path) {
        server.asked.push(path);
        return { ok: true, status: 200, body: server.conflicts };
      },
    },
    refresh() {},
  };
  return { app, server };
}

/** Draws, waits until the server has answered what the drawing asked, and draws again. */
async function shown(context, app, moved) {
  conflictsAt(app, moved, AT_TWO);
  context.mock.timers.tick(1000);
  await new Promise((resolve) => setImmediate(resolve));
  return conflictsAt(app, moved, AT_TWO).map((one) => one.text);
}

test("a card that moves to the place later is shown, although the server had found nothing", async (t) => {
  const moved = card("09:00", { candidate_id: 1 });
  const other = card("10:00", { candidate_id: 2, candidate: "王思远", assignments: [] });
  const { app, server } = start(t, [moved, other]);
  assert.deepEqual(await shown(t, app, moved), []);
  assert.equal(server.asked.length, 1);
  const later = { ...other, version: 2, starts_at: moved.starts_at.replace("09:", "14:") };
  later.ends_at = later.starts_at.replace("14:", "15:");
  app.rows = byKey([moved, later]);
  const texts = conflictsAt(app, moved, AT_TWO).map((one) => one.text);
  assert.deepEqual(texts, ["clash_room 王思远"]);
});

test("the server is asked again after an interview has changed, and not after a room has", async (t) => {
  const moved = card("09:00", { candidate_id: 1 });
  const other = card("10:00", { candidate_id: 2, room_id: 2, assignments: [] });
  const { app, server } = start(t, [moved, other, room(1)]);
  server.conflicts = [busy(7)];
  assert.deepEqual(await shown(t, app, moved), ["7 is booked"]);
  app.rows = byKey([moved, other, room(1, { version: 2 })]);
  assert.deepEqual(await shown(t, app, moved), ["7 is booked"]);
  assert.equal(server.asked.length, 1);
  server.conflicts = [];
  app.rows = byKey([moved, { ...other, version: 2 }, room(1)]);
  assert.deepEqual(conflictsAt(app, moved, AT_TWO), [busy(7)], "the old answer, until the new one");
  assert.deepEqual(await shown(t, app, moved), []);
  assert.equal(server.asked.length, 2);
});

test("a card that explains two of the server's conflicts is named once", async (t) => {
  const both = [
    { id: 7, name: "吴磊", response: "pending" },
    { id: 8, name: "赵敏", response: "pending" },
  ];
  const moved = card("09:00", { candidate_id: 1, assignments: both });
  const held = card("14:00", {
    candidate_id: 2,
    candidate: "王思远",
    room_id: 2,
    assignments: both,
  });
  const { app, server } = start(t, [moved, held]);
  server.conflicts = [busy(7), busy(8), { kind: "full_day", interviewer: 7, text: "full" }];
  assert.deepEqual(await shown(t, app, moved), ["clash_interviewers 王思远 吴磊, 赵敏", "full"]);
});
