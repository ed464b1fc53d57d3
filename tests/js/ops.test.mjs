import assert from "node:assert/strict";
import test from "node:test";

import {
  ASK_EVERY_MS,
  fetchStatus,
  pollWhenSilent,
} from "../../realtime/static/realtime/ops-polling.js";
import {
  buildOpsView,
  duration,
  mergeStatus,
  newest,
} from "../../realtime/static/realtime/ops-view-model.js";
import { FakeBrowser } from "./browser.mjs";

const NOON = Date.parse("2026-11-25T12:00:00+08:00");
const at = (minutes) => new Date(NOON + minutes * 60_000).toISOString();
const standing = (minutes, changed = {}) => ({
  at: at(minutes),
  failing: [],
  checked: ["relay"],
  ...changed,
});
const rows = (...all) => new Map(all.map((row) => [row.key, row]));
const resetBackoff = () => new Promise((resolve) => setImmediate(resolve));

test("of two standings the later one counts, in whichever order they come", () => {
  const [early, late] = [standing(0), standing(1)];
  assert.equal(newest(early, late), late);
  assert.equal(newest(late, early), late);
  assert.equal(newest(null, early), early);
  assert.equal(newest(null, null), null);
});

test("what the relay does not check stays as a web process found it; what it checks is renewed", () => {
  const before = standing(0, {
    checked: ["migrations", "relay"],
    failing: ["migrations", "relay"],
  });
  assert.deepEqual(mergeStatus(before, standing(1)).failing, ["migrations"]);
  assert.deepEqual(mergeStatus(null, standing(1, { failing: ["worker"] })).failing, ["worker"]);
});

test("a robot's rest ends by the clock, and one out of use rests no more", () => {
  const robot = (id, changed) => ({
    key: `robot:${id}`,
    kind: "robot",
    in_use: true,
    rests_until: null,
    ...changed,
  });
  const shown = (now) =>
    buildOpsView(
      rows(
        robot(1, {}),
        robot(2, { rests_until: at(10) }),
        robot(3, { in_use: false, rests_until: at(10) }),
        robot(4, { alarm: true }),
      ),
      standing(0),
      { kept: 20, now },
    ).robots.map((row) => row.condition);
  assert.deepEqual(shown(NOON), ["ready", "resting", "gone", "alarm"]);
  assert.deepEqual(shown(NOON + 11 * 60_000), ["ready", "ready", "gone", "alarm"]);
});

test("what failed last stands first, and no more than is kept", () => {
  const trouble = (id, minutes) => ({ key: `run:${id}`, kind: "trouble", at: at(minutes) });
  const shown = buildOpsView(rows(trouble(1, 0), trouble(2, 9), trouble(3, 5)), standing(0), {
    kept: 2,
    now: NOON,
  });
  assert.deepEqual(
    shown.troubles.map((row) => row.key),
    ["run:2", "run:3"],
  );
});

test("a time is told in the one unit that fits", () => {
  assert.deepEqual(duration(59), ["seconds", 59]);
  assert.deepEqual(duration(60), ["minutes", 1]);
  assert.deepEqual(duration(7200), ["hours", 2]);
});

test("the site is asked once the list is silent, again every few seconds, and no more when it speaks", async () => {
  const browser = new FakeBrowser();
  const told = [];
  let asked = 0;
  const ask = async () => (asked += 1);
  const asking = pollWhenSilent(
    { silentMs: 10_000, ask, onAnswer: (answer) => told.push(answer) },
    browser,
  );
  browser.pass(9_000);
  asking.reset();
  browser.pass(9_999);
  assert.equal(asked, 0);
  browser.pass(1);
  await resetBackoff();
  browser.pass(ASK_EVERY_MS);
  await resetBackoff();
  assert.deepEqual(told, [1, 2]);
  asking.reset();
  browser.pass(9_999);
  await resetBackoff();
  assert.deepEqual(told, [1, 2]);
});

test("an answer that comes after the list has spoken again is not shown", async () => {
  const browser = new FakeBrowser();
  const told = [];
  let answer;
  const ask = () => new Promise((resolve) => (answer = resolve));
  const asking = pollWhenSilent(
    { silentMs: 1_000, ask, onAnswer: (one) => told.push(one) },
    browser,
  );
  browser.pass(1_000);
  asking.reset();
  answer("old");
  await resetBackoff();
  assert.deepEqual(told, []);
});

const page = { now: "/ops/now/", ready: "/readyz" };
const answering = (answers) => async (address) => {
  const answer = answers[address];
  if (!answer) throw new TypeError("no network");
  return { ok: answer.status === 200, status: answer.status, json: async () => answer.body };
};

test("the page's own address is asked first; without a database readiness says what fails", async () => {
  const told = { standing: standing(0), rows: [] };
  assert.equal(
    await fetchStatus(page, answering({ "/ops/now/": { status: 200, body: told } })),
    told,
  );
  const checks = { database: { ok: false }, redis: { ok: true }, relay: { ok: null } };
  const half = {
    "/ops/now/": { status: 500, body: {} },
    "/readyz": { status: 503, body: { checks } },
  };
  assert.deepEqual(await fetchStatus(page, answering(half)), {
    failing: ["database"],
    checked: ["database", "redis"],
  });
  assert.equal(await fetchStatus(page, answering({})), null);
});
