import assert from "node:assert/strict";
import test from "node:test";

import {
  grouped,
  isNobodys,
  needsOf,
} from "../../interview/static/interview/board/model/action-items.js";
import { card, room } from "./cards.mjs";

const NOW = new Date("2026-11-22T14:20:00Z");
const kinds = (needs) => needs.map((need) => need.kind);

test("the worst comes first, and of one kind the one that has waited longest", () => {
  const unconfirmed = card("18:00", { flags: ["unconfirmed"] });
  const lately = card("14:10", { status: "arrived", flags: ["late", "interviewer_missing"] });
  const long = card("14:00", { status: "arrived", flags: ["late", "interviewer_missing"] });
  const absent = card("14:00", { flags: ["late", "candidate_missing"] });
  const needs = needsOf([unconfirmed, absent, lately, long], [], NOW);
  assert.deepEqual(
    needs.map((need) => need.card.key),
    [long.key, lately.key, absent.key, unconfirmed.key],
  );
  assert.equal(needs[0].minutes, 20);
  assert.equal(needs[3].minutes, null);
});

test("a card with several flags is one need", () => {
  const needs = needsOf(
    [card("14:00", { flags: ["late", "candidate_missing", "clash"] })],
    [],
    NOW,
  );
  assert.deepEqual(kinds(needs), ["candidate_missing"]);
});

test("a candidate who cannot come is one need, with no clock running", () => {
  const flags = ["unconfirmed", "excused"];
  const [need] = needsOf([card("18:00", { flags, reason: "Exam" })], [], NOW);
  assert.deepEqual([need.kind, need.minutes, need.tone], ["excused", null, "alert"]);
});

test("a card without a flag needs nothing", () => {
  assert.deepEqual(needsOf([card()], [room(1)], NOW), []);
});

test("a room that runs late is one need: with whom it keeps waiting, and a shift in steps of five", () => {
  const running = card("13:00", { status: "in_progress", flags: ["overrun"] });
  const next = card("14:00", { expected_at: "2026-11-22T14:20:00Z", flags: ["late"] });
  const after = card("15:00", { expected_at: "2026-11-22T15:18:00Z" });
  const [need, ...others] = needsOf([running, after, next], [room(1, { delay_minutes: 18 })], NOW);
  assert.deepEqual(others, []);
  assert.equal(need.kind, "room_late");
  assert.equal(need.shift, 20);
  assert.deepEqual(need.affected, [next, after]);
});

test("a room late by less than five minutes, or with nobody after it, is left alone", () => {
  const running = card("13:00", { status: "in_progress", flags: ["overrun"] });
  const next = card("15:00", { expected_at: "2026-11-22T15:03:00Z" });
  assert.deepEqual(kinds(needsOf([running, next], [room(1, { delay_minutes: 3 })], NOW)), [
    "overrun",
  ]);
  assert.deepEqual(kinds(needsOf([running], [room(1, { delay_minutes: 30 })], NOW)), ["overrun"]);
});

test("a room that waits for somebody who is missing is not shifted: that person is the need", () => {
  const waiting = card("14:00", { status: "arrived", flags: ["late", "interviewer_missing"] });
  const next = card("15:00", { expected_at: "2026-11-22T15:20:00Z" });
  const needs = needsOf([waiting, next], [room(1, { delay_minutes: 20 })], NOW);
  assert.deepEqual(kinds(needs), ["interviewer_missing"]);
});

test("many gentle needs of a kind are told as one; alarms never", () => {
  const gentle = Array.from({ length: 4 }, () => card("18:00", { flags: ["unconfirmed"] }));
  const alarms = Array.from({ length: 4 }, () => card("14:00", { flags: ["candidate_missing"] }));
  const told = grouped(needsOf([...gentle, ...alarms], [], NOW));
  assert.equal(told.length, 5);
  assert.equal(told[4].group.length, 4);
});

test("a scorecard is nobody's once all who were to interview declined or were absent", () => {
  assert.equal(isNobodys(card("14:00", { feedback: { due: 1, in: 0 } })), false);
  assert.equal(isNobodys(card("14:00", { feedback: { due: 0, in: 0 } })), true);
});
