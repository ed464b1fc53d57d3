import assert from "node:assert/strict";
import test from "node:test";

import { LONGEST_WAIT_MS, waitBefore } from "../../realtime/static/realtime/backoff.js";

test("the wait doubles with each failed try", () => {
  const waits = [0, 1, 2, 3].map((attempt) => waitBefore(attempt, () => 1));
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
});

test("no wait is longer than half a minute, however often it failed", () => {
  assert.equal(
    waitBefore(6, () => 1),
    LONGEST_WAIT_MS,
  );
  assert.equal(
    waitBefore(5000, () => 1),
    LONGEST_WAIT_MS,
  );
});

test("jitter is full: the wait may be anything down to none", () => {
  assert.equal(
    waitBefore(4, () => 0),
    0,
  );
  assert.equal(
    waitBefore(4, () => 0.5),
    4000,
  );
});
