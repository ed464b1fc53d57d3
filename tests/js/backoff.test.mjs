import assert from "node:assert/strict";
import test from "node:test";

import { MAX_DELAY_MS, reconnectDelay } from "../../realtime/static/realtime/backoff.js";

test("the delay doubles with each failed attempt", () => {
  const waits = [0, 1, 2, 3].map((attempt) => reconnectDelay(attempt, () => 1));
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
});

test("no delay is longer than half a minute, after any number of failures", () => {
  assert.equal(
    reconnectDelay(6, () => 1),
    MAX_DELAY_MS,
  );
  assert.equal(
    reconnectDelay(5000, () => 1),
    MAX_DELAY_MS,
  );
});

test("jitter is full: the delay may be as short as zero", () => {
  assert.equal(
    reconnectDelay(4, () => 0),
    0,
  );
  assert.equal(
    reconnectDelay(4, () => 0.5),
    4000,
  );
});
