import assert from "node:assert/strict";
import test from "node:test";

import { countsOf } from "../../interview/static/interview/board/model/counts.js";
import {
  emptyFilter,
  isFiltered,
  matchingCards,
  toggled,
} from "../../interview/static/interview/board/model/filters.js";
import { byKey, card } from "./cards.mjs";

const bruce = card("14:00", { candidate: "李小龙", search: "李小龙 lixiaolong lxl 2222" });
const ana = card("15:00", {
  search: "ana ruiz 1234",
  job: "Design",
  round: 2,
  room_id: 2,
  status: "arrived",
});
const found = (change) => matchingCards([bruce, ana], { ...emptyFilter, ...change });

test("a search finds by name, pinyin, initials and the end of the mobile number", () => {
  for (const query of ["李小", "LiXiao", "lxl", "2222", " lxl  222 "]) {
    assert.deepEqual(found({ query }), [bruce], query);
  }
  assert.deepEqual(found({ query: "" }), [bruce, ana]);
  assert.deepEqual(found({ query: "nobody" }), []);
});

test("a search also looks at job, room and interviewers, and wants every word", () => {
  assert.deepEqual(found({ query: "design 吴" }), [ana]);
  assert.deepEqual(found({ query: "design lxl" }), []);
});

test("rounds, jobs, rooms and a counter narrow together", () => {
  assert.deepEqual(found({ rounds: new Set([2]) }), [ana]);
  assert.deepEqual(found({ jobs: new Set(["Design"]), rooms: new Set([1]) }), []);
  assert.deepEqual(found({ only: "arrived" }), [ana]);
  assert.equal(isFiltered(emptyFilter), false);
  assert.equal(isFiltered({ ...emptyFilter, only: "late" }), true);
});

test("toggling a value makes a new set", () => {
  const one = new Set([1]);
  assert.deepEqual([...toggled(one, 2)], [1, 2]);
  assert.deepEqual([...toggled(one, 1)], []);
  assert.equal(one.size, 1);
});

test("today's numbers come from the stream, another day's are counted", () => {
  const told = byKey([{ key: "counter:arrived", kind: "counter", value: 17, day: "2026-11-22" }]);
  assert.equal(countsOf([bruce, ana], told, "2026-11-22").arrived, 17);
  assert.equal(countsOf([bruce, ana], told, "2026-11-23").arrived, 1);
  assert.equal(
    countsOf([bruce, card("09:00", { status: "cancelled" })], told, "2026-11-23").today,
    1,
  );
});
