import assert from "node:assert/strict";
import test from "node:test";

import {
  ASK_EVERY_MS,
  fetchStatus,
  pollWhenSilent,
} from "../../realtime/static/realtime/ops-polling.js";
import {
  buildOpsView,
  causes,
  duration,
  mergeRows,
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
  unknown: [],
  because: {},
  pending: 0,
  ...changed,
});
const rows = (...all) => new Map(all.map((row) => [row.key, row]));
const resetBackoff = () => new Promise((resolve) => setImmediate(resolve));

test("of two statuses the later one counts, in any order", () => {
  const [early, late] = [standing(0), standing(1)];
  assert.equal(newest(early, late), late);
  assert.equal(newest(late, early), late);
  assert.equal(newest(null, early), early);
  assert.equal(newest(null, null), null);
});

test("rows that an answer could not read are kept, all others are replaced", () => {
  const before = rows({ key: "robot:1" }, { key: "run:1" });
  const answer = { rows: [{ key: "message:2" }], unread: ["robot"] };
  assert.deepEqual([...mergeRows(before, answer).keys()], ["robot:1", "message:2"]);
});

test("checks that the relay does not make keep the web process's result", () => {
  const before = mergeStatus(
    null,
    standing(0, { checked: ["migrations", "relay"], failing: ["migrations", "relay"] }),
  );
  const after = mergeStatus(before, standing(1));
  assert.deepEqual(after.failing, ["migrations"]);
  assert.deepEqual(after.checkedAt, { migrations: at(0), relay: at(1) });
  assert.deepEqual(mergeStatus(null, standing(1, { failing: ["worker"] })).failing, ["worker"]);
});

test("a status without numbers leaves the old numbers their age", () => {
  const before = mergeStatus(null, standing(0, { pending: 7 }));
  const checks = { checked: ["database"], unknown: ["relay"], failing: ["database"], because: {} };
  const after = mergeStatus(before, { ...checks, at: at(5) });
  assert.deepEqual([after.pending, after.at], [7, at(0)]);
  assert.deepEqual([after.failing, after.unknown], [["database"], ["relay"]]);
  assert.deepEqual(after.checkedAt, { database: at(5), relay: at(5) });
});

test("a check that could not be made is no longer failing, passing or a consequence", () => {
  const before = mergeStatus(
    null,
    standing(0, { checked: ["beat", "relay"], failing: ["relay"], because: { relay: "beat" } }),
  );
  const after = mergeStatus(before, standing(1, { checked: ["database"], unknown: ["relay"] }));
  assert.deepEqual([after.failing, after.because], [[], {}]);
  assert.deepEqual(after.checked.sort(), ["beat", "database"]);
});

test("consequences are listed with the first cause, and are no problems of their own", () => {
  const because = { schedule: "worker", worker: "redis" };
  const failing = ["redis", "disk", "worker", "schedule"];
  assert.deepEqual(causes({ failing, because }), [
    ["redis", ["worker", "schedule"]],
    ["disk", []],
  ]);
});

test("a resting robot becomes ready by time, and one out of use does not rest", () => {
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

test("incidents are listed latest first, up to the limit", () => {
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

test("a duration is given in the largest unit that fits", () => {
  assert.deepEqual(duration(59), ["seconds", 59]);
  assert.deepEqual(duration(60), ["minutes", 1]);
  assert.deepEqual(duration(7200), ["hours", 2]);
});

test("the site is polled while the live list is silent, and no longer", async () => {
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

test("the site is asked at once when the live list is known to be silent", () => {
  const browser = new FakeBrowser();
  let asked = 0;
  const ask = async () => (asked += 1);
  const asking = pollWhenSilent({ silentMs: 10_000, ask, onAnswer: () => {} }, browser);
  asking.askNow();
  browser.pass(0);
  assert.equal(asked, 1);
});

test("an answer that arrives after the live list is back is ignored", async () => {
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

test("the operations page is asked first, then /readyz, which names what fails", async () => {
  const told = { standing: standing(0), rows: [] };
  assert.equal(
    await fetchStatus(page, answering({ "/ops/now/": { status: 200, body: told } })),
    told,
  );
  const checks = {
    database: { ok: false },
    redis: { ok: true },
    relay: { ok: null },
    worker: { ok: false, because: "redis" },
  };
  const half = {
    "/ops/now/": { status: 500, body: {} },
    "/readyz": { status: 503, body: { checks } },
  };
  assert.deepEqual(await fetchStatus(page, answering(half)), {
    checked: ["redis", "database", "worker"],
    unknown: ["relay"],
    failing: ["database", "worker"],
    because: { worker: "redis" },
  });
  assert.equal(await fetchStatus(page, answering({})), null);
});
