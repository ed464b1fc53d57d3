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

test("outdated screens do not all reload at the same moment", () => {
  const { browser } = outdated();
  browser.pass(4999);
  assert.equal(browser.reloads, 0);
  browser.pass(1);
  assert.equal(browser.reloads, 1);
});

test("a page does not reload while somebody types, then reloads once", () => {
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

test("a page does not reload while the server is unreachable", () => {
  const { browser } = outdated();
  browser.isAway = true;
  browser.pass(3_600_000);
  assert.equal(browser.reloads, 0);
  browser.isAway = false;
  browser.pass(1000);
  assert.equal(browser.reloads, 1);
});

test("a page that is outdated when loaded does not reload in a loop", () => {
  const { browser } = outdated({ ageMs: 1000, chance: 0 });
  browser.pass(8999);
  assert.equal(browser.reloads, 0);
  browser.pass(1);
  assert.equal(browser.reloads, 1);
});
