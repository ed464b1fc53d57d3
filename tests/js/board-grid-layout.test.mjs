import assert from "node:assert/strict";
import test from "node:test";
import {
  assignLevels,
  candidateLanes,
  foldedSpan,
  gridSpan,
  interviewerLanes,
  positionOf,
  roomLanes,
  slotOf,
} from "../../interview/static/interview/board/model/grid-layout.js";
import { Clock } from "../../interview/static/interview/board/util/clock.js";
import { card, room } from "./cards.mjs";

const clock = new Clock("UTC", "en");
const slot = (at, changed) => slotOf(card(at, changed), "2026-11-22", clock);

test("the grid shows whole hours around cards and delays, at least eight", () => {
  assert.deepEqual(gridSpan([]), { from: 540, to: 1080 });
  assert.deepEqual(gridSpan([slot("08:30"), slot("18:10")]), { from: 480, to: 1200 });
  assert.deepEqual(gridSpan([slot("13:15")]), { from: 780, to: 1260 });
  const late = slot("17:00", { expected_at: "2026-11-22T17:30:00Z" });
  assert.deepEqual(gridSpan([slot("09:00"), late]), { from: 540, to: 1140 });
});

test("a delay keeps the length of the interview; an earlier estimate is not a delay", () => {
  const late = slot("14:00", { length: 45, expected_at: "2026-11-22T14:18:00Z" });
  assert.deepEqual([late.expected, late.expectedTo], [858, 903]);
  assert.equal(slot("14:00", { expected_at: "2026-11-22T13:50:00Z" }).expected, null);
});

test("positions are percentages of the span", () => {
  assert.deepEqual(positionOf(540, 660, { from: 540, to: 1020 }), { left: 0, width: 25 });
});

test("cards that share a time are stacked, cards that follow each other are not", () => {
  const following = [slot("14:00"), slot("15:00"), slot("13:00")];
  assert.equal(assignLevels(following), 1);
  const shared = [slot("14:00"), slot("14:30", { status: "cancelled" }), slot("15:00")];
  assert.equal(assignLevels(shared), 2);
  assert.deepEqual(
    shared.map((one) => one.level),
    [0, 1, 0],
  );
});

test("a room out of use is shown only if it has cards, and the room filter applies", () => {
  const rooms = [room(2), room(1), room(3, { is_active: false }), room(4, { is_active: false })];
  const slots = [slot("14:00", { room_id: 3 })];
  const ids = (filterRuns) => roomLanes(rooms, slots, filterRuns).map((lane) => lane.id);
  assert.deepEqual(ids(new Set()), [1, 2, 3]);
  assert.deepEqual(ids(new Set([2])), [2]);
});

test("an interview is on the row of each interviewer who has not declined", () => {
  const person = (id, name, response = "accepted") => ({ id, name, response });
  const both = slot("14:00", { assignments: [person(1, "Wu"), person(2, "An", "pending")] });
  const one = slot("15:00", { assignments: [person(1, "Wu"), person(3, "Zhao", "declined")] });
  const nobody = slot("16:00", { assignments: [] });
  const lanes = interviewerLanes([both, one, nobody]);
  assert.deepEqual(
    lanes.map((lane) => [lane.name, lane.slots.map((held) => held.card.id)]),
    [
      ["An", [both.card.id]],
      ["Wu", [both.card.id, one.card.id]],
      ["", [nobody.card.id]],
    ],
  );
});

test("candidates are in the order of their first interview", () => {
  const at = (time, candidate_id) => slot(time, { candidate_id, candidate: `C${candidate_id}` });
  const lanes = candidateLanes([at("15:00", 1), at("14:00", 2), at("13:00", 1)]);
  assert.deepEqual(
    lanes.map((lane) => [lane.name, lane.slots.length]),
    [
      ["C1", 2],
      ["C2", 1],
    ],
  );
});

test("finished hours end before now and before the first interview that is not over", () => {
  const span = { from: 480, to: 1200 };
  const isOver = (held) => held.status === "completed";
  const done = slot("08:30", { status: "completed" });
  assert.deepEqual(foldedSpan(span, [done], isOver, 870), { from: 840, to: 1200 });
  const open = slot("10:15", { status: "in_progress" });
  assert.deepEqual(foldedSpan(span, [done, open], isOver, 870), { from: 540, to: 1200 });
  assert.deepEqual(foldedSpan(span, [done], isOver, 1439), { from: 1140, to: 1200 });
});
