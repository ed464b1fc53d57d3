import assert from "node:assert/strict";
import test from "node:test";

import "./rules.mjs";
import "./static-resolver.mjs";

const { arrangeDay, byDay, overdueHours } = await import(
  "../../interview/static/interview/me/interviewer-day.js"
);

const NOW = new Date("2026-11-25T12:00");

let ids = 0;
function interview(at, changed = {}) {
  ids += 1;
  const start = new Date(`2026-11-${at}`);
  const end = new Date(start.getTime() + 3_600_000);
  const { mine, ...rest } = changed;
  return {
    key: `interview:${ids}`,
    kind: "interview",
    id: ids,
    status: "confirmed",
    starts_at: start.toISOString(),
    ends_at: end.toISOString(),
    flags: [],
    mine: { response: "accepted", late_minutes: 0, scorecard: "none", ...mine },
    ...rest,
  };
}

const board = (...rows) => new Map(rows.map((row) => [row.key, row]));

test("the first interview of today that has not started is next", () => {
  const [later, first, done] = [
    interview("25T15:00"),
    interview("25T13:00"),
    interview("25T09:00", { status: "completed" }),
  ];
  const day = arrangeDay(board(later, first, done), NOW);
  assert.equal(day.next, first);
  assert.deepEqual(day.today, [later]);
  assert.deepEqual(day.over, [done]);
});

test("the running interview is next, even if another should have started", () => {
  const running = interview("25T11:30", { status: "in_progress" });
  const day = arrangeDay(board(interview("25T11:00"), running), NOW);
  assert.equal(day.next, running);
});

test("the interview of a late candidate stays next", () => {
  const late = interview("25T11:45");
  assert.equal(arrangeDay(board(late, interview("25T14:00")), NOW).next, late);
});

test("a declined interview is never next, but is listed with today's", () => {
  const declined = interview("25T13:00", { mine: { response: "declined" } });
  const day = arrangeDay(board(declined), NOW);
  assert.equal(day.next, null);
  assert.deepEqual(day.today, [declined]);
});

test("an interview that was never finished is not next, but listed", () => {
  const forgotten = interview("24T13:00");
  const day = arrangeDay(board(forgotten), NOW);
  assert.equal(day.next, null);
  assert.deepEqual(day.notFinished, [forgotten]);
});

test("a scorecard is due until it is submitted, whatever its day", () => {
  const owed = interview("20T13:00", { status: "feedback_due", mine: { scorecard: "draft" } });
  const given = interview("25T09:00", { status: "feedback_due", mine: { scorecard: "submitted" } });
  const day = arrangeDay(board(owed, given), NOW);
  assert.deepEqual(day.due, [owed]);
  assert.deepEqual(day.over, [given]);
});

test("every interview of today and later is shown exactly once", () => {
  const rows = [
    "scheduled",
    "confirmed",
    "arrived",
    "in_progress",
    "feedback_due",
    "completed",
    "cancelled",
  ].map((status, number) => interview(`25T${10 + number}:00`, { status }));
  const day = arrangeDay(board(...rows), NOW);
  const shown = [day.next, ...day.due, ...day.today, ...day.over, ...day.later, ...day.notFinished];
  assert.equal(shown.length, rows.length);
  assert.equal(new Set(shown).size, rows.length);
});

test("unread notices are counted, the newest first", () => {
  const notice = (id, at, read) => ({ key: `notice:${id}`, kind: "notice", id, at, read });
  const old = notice(1, "2026-11-25T09:00:00+08:00", true);
  const fresh = notice(2, "2026-11-25T10:00:00+08:00", false);
  const day = arrangeDay(board(old, fresh), NOW);
  assert.equal(day.unread, 1);
  assert.deepEqual(day.notices, [fresh, old]);
});

test("rows of other kinds are ignored", () => {
  const day = arrangeDay(board({ key: "task:1", kind: "task" }), NOW);
  assert.equal(day.next, null);
});

test("later days are grouped in order", () => {
  const rows = [interview("26T09:00"), interview("26T10:00"), interview("27T09:00")];
  assert.deepEqual(
    byDay(arrangeDay(board(...rows, interview("25T13:00")), NOW).later).map(([day, group]) => [
      day,
      group.length,
    ]),
    [
      ["2026-11-26", 2],
      ["2026-11-27", 1],
    ],
  );
});

test("an overdue scorecard shows for how long; others show nothing", () => {
  const row = interview("25T08:00", {
    status: "feedback_due",
    finished_at: new Date("2026-11-25T08:50").toISOString(),
  });
  assert.equal(overdueHours(row, NOW), 0);
  assert.equal(overdueHours({ ...row, flags: ["feedback_overdue"] }, NOW), 2);
});

test("an interview stays next while a decline reason is typed, until it starts", () => {
  const typedAt = interview("25T15:00");
  const sooner = interview("25T13:00");
  const rows = board(typedAt, sooner);
  assert.equal(arrangeDay(rows, NOW).next, sooner);
  assert.equal(arrangeDay(rows, NOW, typedAt.key).next, typedAt);
  assert.deepEqual(arrangeDay(rows, NOW, typedAt.key).today, [sooner]);
  typedAt.mine.response = "declined";
  assert.equal(arrangeDay(rows, NOW, typedAt.key).next, sooner);
});
