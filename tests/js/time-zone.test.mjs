import assert from "node:assert/strict";
import test from "node:test";

import "./static-resolver.mjs";

// As base.html serves it to a reader who has chosen a zone; the computer's is another.
process.env.TZ = "Asia/Shanghai";
globalThis.document = { documentElement: { dataset: { timeZone: "Europe/Berlin" } } };
const { dayOf, timeZone } = await import("../../realtime/static/realtime/time-zone.js");
const { createI18n } = await import("../../interview/static/interview/me/i18n.js");
const words = createI18n({ texts: {}, language: "en" });

test("times are shown in the zone the reader has chosen, not in the computer's", () => {
  assert.equal(timeZone, "Europe/Berlin");
  assert.equal(words.time("2026-11-25T18:00:00Z"), "19:00");
  assert.equal(words.moment("2026-11-25T18:00:00Z", new Date("2026-11-25T22:59:00Z")), "19:00");
});

test("the day changes at the reader's midnight", () => {
  assert.equal(dayOf(new Date("2026-11-25T22:59:59Z")), "2026-11-25");
  assert.equal(dayOf(new Date("2026-11-25T23:00:00Z")), "2026-11-26");
  assert.equal(words.shortDay("2026-11-25T23:00:00Z"), "Nov 26");
  assert.match(
    words.moment("2026-11-25T23:00:00Z", new Date("2026-11-25T22:59:00Z")),
    /^Nov 26 00:00$/,
  );
});

test("clock changes in spring and autumn are followed", () => {
  assert.equal(words.time("2026-03-29T00:59:00Z"), "01:59");
  assert.equal(words.time("2026-03-29T01:00:00Z"), "03:00");
  assert.equal(words.time("2026-10-25T00:30:00Z"), "02:30");
  assert.equal(words.time("2026-10-25T01:30:00Z"), "02:30");
});

test("a date is the same date in every zone", () => {
  assert.equal(words.day("2026-11-25"), "Wed, November 25");
});
