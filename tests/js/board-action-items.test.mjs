import assert from "node:assert/strict";
import test from "node:test";

import {
  actionItemsOf,
  grouped,
  hasNoAssessor,
} from "../../interview/static/interview/board/model/action-items.js";
import { card, room } from "./cards.mjs";

const NOW = new Date("2026-11-22T14:20:00Z");
const kinds = (actionItems) => actionItems.map((item) => item.kind);

test("the most urgent item comes first, and within a kind the oldest", () => {
  const unconfirmed = card("18:00", { flags: ["unconfirmed"] });
  const lately = card("14:10", { status: "arrived", flags: ["late", "interviewer_missing"] });
  const long = card("14:00", { status: "arrived", flags: ["late", "interviewer_missing"] });
  const absent = card("14:00", { flags: ["late", "candidate_missing"] });
  const actionItems = actionItemsOf([unconfirmed, absent, lately, long], [], NOW);
  assert.deepEqual(
    actionItems.map((item) => item.card.key),
    [long.key, lately.key, absent.key, unconfirmed.key],
  );
  assert.equal(actionItems[0].minutes, 20);
  assert.equal(actionItems[3].minutes, null);
});

test("a card with several flags is one item", () => {
  const actionItems = actionItemsOf(
    [card("14:00", { flags: ["late", "candidate_missing", "clash"] })],
    [],
    NOW,
  );
  assert.deepEqual(kinds(actionItems), ["candidate_missing"]);
});

test("an excused candidate is one item without an age", () => {
  const flags = ["unconfirmed", "excused"];
  const [item] = actionItemsOf([card("18:00", { flags, reason: "Exam" })], [], NOW);
  assert.deepEqual([item.kind, item.minutes, item.tone], ["excused", null, "alert"]);
});

test("an interviewer who was reported missing before the start is an item without an age", () => {
  const flags = ["interviewer_missing"];
  const [item] = actionItemsOf([card("18:00", { status: "arrived", flags })], [], NOW);
  assert.deepEqual([item.kind, item.minutes, item.tone], ["interviewer_missing", null, "alert"]);
});

test("a card without a flag is no action item", () => {
  assert.deepEqual(actionItemsOf([card()], [room(1)], NOW), []);
});

test("a late room is one item, with the interviews it delays and a shift in steps of five minutes", () => {
  const running = card("13:00", { status: "in_progress", flags: ["overrun"] });
  const next = card("14:00", { expected_at: "2026-11-22T14:20:00Z", flags: ["late"] });
  const after = card("15:00", { expected_at: "2026-11-22T15:18:00Z" });
  const [item, ...others] = actionItemsOf(
    [running, after, next],
    [room(1, { delay_minutes: 18 })],
    NOW,
  );
  assert.deepEqual(others, []);
  assert.equal(item.kind, "room_late");
  assert.equal(item.shift, 20);
  assert.deepEqual(item.affected, [next, after]);
});

test("a room late by less than five minutes, or without a next interview, is no item", () => {
  const running = card("13:00", { status: "in_progress", flags: ["overrun"] });
  const next = card("15:00", { expected_at: "2026-11-22T15:03:00Z" });
  assert.deepEqual(kinds(actionItemsOf([running, next], [room(1, { delay_minutes: 3 })], NOW)), [
    "overrun",
  ]);
  assert.deepEqual(kinds(actionItemsOf([running], [room(1, { delay_minutes: 30 })], NOW)), [
    "overrun",
  ]);
});

test("a room that waits for a missing person is not shifted: the person is the item", () => {
  const waiting = card("14:00", { status: "arrived", flags: ["late", "interviewer_missing"] });
  const next = card("15:00", { expected_at: "2026-11-22T15:20:00Z" });
  const actionItems = actionItemsOf([waiting, next], [room(1, { delay_minutes: 20 })], NOW);
  assert.deepEqual(kinds(actionItems), ["interviewer_missing"]);
});

test("many warnings of one kind become a group; alerts never do", () => {
  const gentle = Array.from({ length: 4 }, () => card("18:00", { flags: ["unconfirmed"] }));
  const alarms = Array.from({ length: 4 }, () => card("14:00", { flags: ["candidate_missing"] }));
  const told = grouped(actionItemsOf([...gentle, ...alarms], [], NOW));
  assert.equal(told.length, 5);
  assert.equal(told[4].group.length, 4);
});

test("a scorecard has no assessor once all interviewers declined or were absent", () => {
  assert.equal(hasNoAssessor(card("14:00", { feedback: { due: 1, in: 0 } })), false);
  assert.equal(hasNoAssessor(card("14:00", { feedback: { due: 0, in: 0 } })), true);
});
