// Decisions about a card: where an arrow key leads, what a drop means, what has changed.

import assert from "node:assert/strict";
import test from "node:test";
import { nearestCard } from "../../interview/static/interview/board/model/arrow-navigation.js";
import { changedFields } from "../../interview/static/interview/board/model/card-diff.js";
import { clashesOf } from "../../interview/static/interview/board/model/clashes.js";
import {
  actionBetween,
  startMinuteAt,
} from "../../interview/static/interview/board/model/drop-target.js";
import { sorted } from "../../interview/static/interview/board/model/sorting.js";
import {
  formatUrlState,
  parseFilter,
  parseUrlState,
} from "../../interview/static/interview/board/util/url-state.js";
import { byKey, card } from "./cards.mjs";

const box = (key, left, top) => ({ key, box: { left, top, right: left + 90, bottom: top + 60 } });
const grid = [box("a", 0, 0), box("b", 200, 0), box("c", 210, 100), box("d", 900, 200)];

test("arrow keys move within the room, and to the nearest card of the next room", () => {
  assert.equal(nearestCard(grid, "a", "ArrowRight"), "b");
  assert.equal(nearestCard(grid, "b", "ArrowLeft"), "a");
  assert.equal(nearestCard(grid, "b", "ArrowDown"), "c");
  assert.equal(nearestCard(grid, "c", "ArrowDown"), "d");
  assert.equal(nearestCard(grid, "c", "ArrowRight"), null);
  assert.equal(nearestCard(grid, "gone", "ArrowUp"), "a");
  assert.equal(nearestCard([], null, "ArrowUp"), null);
});

test("a dropped card starts on a multiple of five minutes, within the day", () => {
  const timeline = { left: 100, width: 540 };
  const span = { from: 540, to: 1080 };
  assert.equal(startMinuteAt(100 + 62, timeline, span, 60), 600);
  assert.equal(startMinuteAt(0, timeline, span, 60), 540);
  assert.equal(startMinuteAt(2000, timeline, span, 45), 1035);
});

test("only actions of the state machine lead between columns", () => {
  const transitions = {
    confirm: { from: ["scheduled"], to: "confirmed" },
    finish: { from: ["in_progress"], to: "feedback_due" },
    reassign: { from: ["scheduled"], to: null },
  };
  assert.equal(actionBetween(transitions, "scheduled", "confirmed"), "confirm");
  assert.equal(actionBetween(transitions, "scheduled", "feedback_due"), null);
  assert.equal(actionBetween(transitions, "completed", "completed"), null);
});

test("a clash names every card that needs the same room or the same people", () => {
  const moved = card("09:00", { candidate_id: 1 });
  const other = { id: 8, name: "赵敏", response: "accepted" };
  const held = card("14:00", { candidate_id: 2, assignments: [other] });
  const same = card("14:00", { candidate_id: 1, room_id: 2, assignments: [other] });
  const busy = card("14:00", { candidate_id: 3, room_id: 3 });
  const gone = card("15:00", { status: "no_show", candidate_id: 1 });
  const rows = byKey([moved, held, same, busy, gone]);
  const at = (from, to, room = 1) =>
    clashesOf(rows, moved, {
      room,
      from: Date.parse(`2026-11-22T${from}:00Z`),
      to: Date.parse(`2026-11-22T${to}:00Z`),
    });
  assert.deepEqual(at("14:30", "15:30"), [
    { card: held, needs: "room", people: [] },
    { card: same, needs: "candidate", people: [] },
    { card: busy, needs: "interviewers", people: busy.assignments },
  ]);
  assert.deepEqual(at("15:00", "16:00"), []);
  assert.deepEqual(at("13:00", "14:00"), []);
  assert.deepEqual(at("09:00", "10:00"), [], "a card does not clash with itself");
});

test("interviewers who declined are free, and so are the people of an interview that finished early", () => {
  const moved = card("09:00", { candidate_id: 1 });
  const declined = [{ id: 7, name: "吴磊", response: "declined" }];
  const early = card("14:00", { candidate_id: 1, finished_at: "2026-11-22T14:20:00Z" });
  const rows = byKey([
    card("14:00", { candidate_id: 2, room_id: 2, assignments: declined }),
    early,
  ]);
  const at = (room) =>
    clashesOf(rows, moved, {
      room,
      from: Date.parse("2026-11-22T14:20Z"),
      to: Date.parse("2026-11-22T15:00Z"),
    });
  assert.deepEqual(at(3), []);
  assert.deepEqual(at(1), [{ card: early, needs: "room", people: [] }], "its room stays booked");
});

test("changed fields are named; flags and delays are not changes", () => {
  const seen = card("14:00");
  assert.deepEqual(changedFields(seen, { ...seen, version: 2, flags: ["late"] }), []);
  const now = { ...seen, status: "arrived", room: "B-1", assignments: [] };
  assert.deepEqual(changedFields(seen, now), ["status", "where", "people"]);
});

test("a URL fragment names view, day and card; anything else is ignored", () => {
  const place = { view: "list", lanes: null, day: "2026-11-23", card: "interview:17" };
  assert.equal(formatUrlState(place), "#list&day=2026-11-23&card=17");
  assert.deepEqual(parseUrlState(formatUrlState(place)), place);
  const nowhere = { view: null, lanes: null, day: null, card: null };
  for (const hash of ["", "#", "#main", "#list2&lanes=x&day=tomorrow&card=<b>"]) {
    assert.deepEqual(parseUrlState(hash), nowhere, hash);
  }
});

test("a URL fragment carries lanes and filter to everybody who opens it", () => {
  const place = { view: "rooms", lanes: "interviewers", day: null, card: null };
  const filter = {
    query: "李 & co",
    rounds: new Set([1, 2]),
    jobs: new Set(["C++ & Go"]),
    rooms: new Set([7]),
    only: "late",
  };
  const hash = formatUrlState(place, filter);
  assert.deepEqual(parseUrlState(hash), place);
  assert.deepEqual(parseFilter(hash), filter);
  assert.equal(parseFilter(formatUrlState(place)), null);
  assert.deepEqual(parseFilter("#rooms&round=x&room=").rounds, new Set());
});

test("the list sorts by any column in both directions, equal rows by start", () => {
  const [late, early] = [card("15:00", { candidate: "B" }), card("09:00", { candidate: "B" })];
  const first = card("16:00", { candidate: "A", status: "arrived" });
  const by = (column, isDown = false) => sorted([late, early, first], { column, isDown });
  assert.deepEqual(by("candidate"), [first, early, late]);
  assert.deepEqual(by("candidate", true), [early, late, first]);
  assert.deepEqual(by("status")[0], first);
});
