import assert from "node:assert/strict";
import test from "node:test";

import { cardsOf, countsOf, roomsOf } from "../../interview/static/interview/wall/rooms.js";
import { byKey, card } from "./cards.mjs";

const NOON = Date.parse("2026-11-22T12:00:00Z");

test("a room shows the running interview, else the called one, and the next", () => {
  const running = card("13:00", { status: "in_progress" });
  const here = card("14:00", { status: "arrived" });
  const later = card("15:00");
  const [busy] = roomsOf([running, here, later], NOON);
  assert.deepEqual([busy.now, busy.next], [running, here]);
  const [calling] = roomsOf([here, later], NOON);
  assert.deepEqual([calling.now, calling.next], [here, later]);
  const [free] = roomsOf([later], NOON);
  assert.deepEqual([free.now, free.next], [null, later]);
});

test("a due candidate is awaited; a room whose day is over is left out", () => {
  const missing = card("11:55");
  assert.equal(roomsOf([missing, card("15:00")], NOON)[0].now, missing);
  assert.deepEqual(roomsOf([card("09:00", { status: "completed" })], NOON), []);
});

test("a delay is shown from five minutes on", () => {
  const at = (expected) => roomsOf([card("14:00", { expected_at: expected })], NOON)[0].late;
  assert.equal(at("2026-11-22T14:18:00Z"), 18);
  assert.equal(at("2026-11-22T14:03:00Z"), 0);
  assert.equal(at(null), 0);
});

test("only what takes place today is shown and counted", () => {
  const rows = byKey([
    card("09:00", { status: "completed" }),
    card("10:00", { status: "cancelled" }),
    card("11:00", { day: "2026-11-23" }),
    { key: "x", kind: "unknown" },
  ]);
  const cards = cardsOf(rows, "2026-11-22");
  assert.equal(cards.length, 1);
  assert.deepEqual(Object.fromEntries(countsOf(cards)), {
    today: 1,
    arrived: 0,
    in_progress: 0,
    done: 1,
  });
});

test("rooms are in natural order: 2 before 10", () => {
  const rooms = ["B-10", "B-9", "A-301"].map((name, id) =>
    card("14:00", { room: name, room_id: id }),
  );
  assert.deepEqual(
    roomsOf(rooms, NOON).map((room) => room.name),
    ["A-301", "B-9", "B-10"],
  );
});
