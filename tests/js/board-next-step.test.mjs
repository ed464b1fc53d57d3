// The likely next step depends on the status, and before the arrival on the time to the start.

import assert from "node:assert/strict";
import test from "node:test";
import { nextStep } from "../../interview/static/interview/board/model/next-step.js";
import "./rules.mjs";

const NOW = new Date("2026-11-30T10:00:00Z");
const card = (status, starts_at = "2026-11-30T10:00:00Z") => ({ status, starts_at });

test("a candidate checks in from an hour and a half before the start", () => {
  assert.equal(nextStep(card("confirmed", "2026-11-30T11:30:00Z"), NOW), "check-in");
  assert.equal(nextStep(card("scheduled", "2026-11-30T11:30:00Z"), NOW), "check-in");
  assert.equal(nextStep(card("confirmed", "2026-11-30T09:00:00Z"), NOW), "check-in");
});

test("earlier than that it is confirmed first, and then waits", () => {
  assert.equal(nextStep(card("scheduled", "2026-11-30T11:31:00Z"), NOW), "confirm");
  assert.equal(nextStep(card("confirmed", "2026-11-30T11:31:00Z"), NOW), null);
});

test("after the arrival the interview starts and finishes", () => {
  assert.equal(nextStep(card("arrived"), NOW), "start");
  assert.equal(nextStep(card("in_progress"), NOW), "finish");
  assert.equal(nextStep(card("completed"), NOW), null);
});
