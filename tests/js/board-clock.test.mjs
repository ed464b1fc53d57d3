import assert from "node:assert/strict";
import test from "node:test";

import {
  Clock,
  daysLater,
  minuteOf,
  timeOf,
} from "../../interview/static/interview/board/util/clock.js";

const beijing = new Clock("Asia/Shanghai", "en");
const berlin = new Clock("Europe/Berlin", "en");

test("times are shown in the campaign's zone, whatever offset they carry", () => {
  assert.equal(beijing.time("2026-11-22T06:35:00+00:00"), "14:35");
  assert.equal(beijing.time("2026-11-22T14:35:00+08:00"), "14:35");
  assert.equal(beijing.day("2026-11-22T18:00:00Z"), "2026-11-23");
});

test("minutes continue beyond midnight of the given day", () => {
  assert.equal(beijing.minuteOn("2026-11-22", "2026-11-22T16:30:00Z"), 24 * 60 + 30);
  assert.equal(beijing.minuteOn("2026-11-22", "2026-11-21T15:30:00Z"), -30);
});

test("a wall-clock time becomes the right moment, also around a clock change", () => {
  assert.equal(beijing.moment("2026-11-22", 14 * 60), "2026-11-22T06:00:00.000Z");
  assert.equal(berlin.moment("2026-10-24", 12 * 60), "2026-10-24T10:00:00.000Z");
  assert.equal(berlin.moment("2026-10-26", 12 * 60), "2026-10-26T11:00:00.000Z");
});

test("days and times are counted across months and hours", () => {
  assert.equal(daysLater("2026-11-30", 1), "2026-12-01");
  assert.equal(daysLater("2026-03-01", -1), "2026-02-28");
  assert.equal(timeOf(minuteOf("09:05") + 60), "10:05");
});

test("parsed times are cached, up to a limit", () => {
  const clock = new Clock("UTC", "en");
  for (let n = 0; n < 20_050; n += 1) clock.read(new Date(n * 60_000).toISOString());
  assert.ok(clock.cache.size <= 20_000);
});
