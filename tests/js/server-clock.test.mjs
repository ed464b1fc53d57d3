import assert from "node:assert/strict";
import test from "node:test";

import { ServerClock } from "../../realtime/static/realtime/server-clock.js";
import { FakeBrowser } from "./browser.mjs";

const SERVER_TIME = "2026-11-22T14:35:00+08:00";
const AT = Date.parse(SERVER_TIME);
const HOUR_MS = 3_600_000;

function told({ tripMs = 0, setBy = 0 } = {}) {
  const browser = new FakeBrowser();
  browser.setBy = setBy;
  const clock = new ServerClock(browser);
  clock.helloSent();
  browser.clock += tripMs;
  clock.synchronize(SERVER_TIME);
  return { browser, clock };
}

test("until the first welcome the computer's time is used", () => {
  const browser = new FakeBrowser();
  const clock = new ServerClock(browser);
  assert.equal(clock.now(), browser.now());
  assert.equal(clock.checkDrift(), false);
});

for (const setBy of [-HOUR_MS, 0, HOUR_MS]) {
  test(`a clock wrong by ${setBy} ms tells the server's time`, () => {
    const { browser, clock } = told({ setBy });
    browser.clock += 1234;
    assert.equal(clock.now(), AT + 1234);
  });
}

test("the server's time is half a round trip old", () => {
  const { clock } = told({ tripMs: 80 });
  assert.equal(clock.now(), AT + 40);
});

test("a slow answer does not shift the clock by half its time", () => {
  const { clock } = told({ tripMs: 6000 });
  assert.equal(clock.now(), AT + 250);
});

test("a set clock and sleep are both noticed, and reported once", () => {
  for (const setBy of [-HOUR_MS, 6000]) {
    const { browser, clock } = told();
    browser.clock += HOUR_MS;
    assert.equal(clock.checkDrift(), false);
    browser.setBy = setBy;
    assert.equal(clock.checkDrift(), true);
    assert.equal(clock.checkDrift(), false);
  }
});
