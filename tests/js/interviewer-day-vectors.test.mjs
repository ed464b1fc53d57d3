// tests/unit/interview/test_interviewer_day.py runs the same examples against the server's code.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import "./rules.mjs";
import "./static-resolver.mjs";

const path = new URL("../vectors/interviewer_day.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8"));
globalThis.document = { documentElement: { dataset: { timeZone: vectors.time_zone } } };
const { arrangeDay } = await import("../../interview/static/interview/me/interviewer-day.js");

const row = ({ key, starts_at, status, response, scorecard }, index) => ({
  key,
  kind: "interview",
  id: index + 1,
  starts_at,
  status,
  flags: [],
  mine: { response, scorecard },
});
const keys = (rows) => rows.map((one) => one.key);

for (const { claim, interviews, expected } of vectors.cases) {
  test(claim, () => {
    const rows = new Map(interviews.map(row).map((one) => [one.key, one]));
    const day = arrangeDay(rows, new Date(vectors.now));
    assert.deepEqual(
      {
        next: day.next?.key ?? null,
        due: keys(day.due),
        today: keys(day.today),
        over: keys(day.over),
        later: keys(day.later),
        left_open: keys(day.notFinished),
      },
      expected,
    );
  });
}
