import assert from "node:assert/strict";
import test from "node:test";

import { reloadOnceIdle } from "../../realtime/static/realtime/page-reload.js";
import { FakeBrowser } from "./browser.mjs";

function outdated({ ageMs = 60_000, chance = 0.5 } = {}) {
  const browser = new FakeBrowser();
  const page = { isIdle: true };
  const loadedAt = browser.clock - ageMs;
  browser.monotonicNow = () => browser.clock - loadedAt;
  browser.chance = chance;
  reloadOnceIdle(() => page.isIdle, browser);
  return { browser, page };
}

test("many outdated screens do not all reload in the same moment", () => {
  const { browser } = outdated();
  browser.pass(4999);
  assert.equal(browser.reloads, 0);
  browser.pass(1);
  assert.equal(browser.reloads, 1);
});

test("a page waits with reloading for as long as somebody types, then does it once", () => {
  const { browser, page } = outdated();
  page.isIdle = false;
  browser.pass(3_600_000);
  assert.equal(browser.reloads, 0);
  page.isIdle = true;
  browser.pass(1000);
  assert.equal(browser.reloads, 1);
  browser.pass(60_000);
  assert.equal(browser.reloads, 1);
});

test("a page is not given up for one that nobody would answer", () => {
  const { browser } = outdated();
  browser.isAway = true;
  browser.pass(3_600_000);
  assert.equal(browser.reloads, 0);
  browser.isAway = false;
  browser.pass(1000);
  assert.equal(browser.reloads, 1);
});

test("a page that was outdated when it came does not reload in a circle", () => {
  const { browser } = outdated({ ageMs: 1000, chance: 0 });
  browser.pass(8999);
  assert.equal(browser.reloads, 0);
  browser.pass(1);
  assert.equal(browser.reloads, 1);
});
