// The interviewer's day as a value: functions from (rows, now) to the next interview, the
// scorecards due, the rest of today and later days. No DOM or socket. views/interviewer_day.py does
// the same for pages without a script; tests/vectors/interviewer_day.json has examples for both.

import { dayOf } from "../../realtime/time-zone.js";
import { isSettled, isWaiting, rules } from "../rules.js";

const MINUTE_MS = 60_000;

export const isOpen = (row) => isWaiting(row) || row.status === "in_progress";
export const isTakingPart = (row) => row.mine.response !== "declined";
export const isDue = (row) =>
  row.status === "feedback_due" && isTakingPart(row) && !isSettled(row.mine.scorecard);

export const startOf = (row) => new Date(row.starts_at);
export const dayOfRow = (row) => dayOf(startOf(row));

/** True if the interview is expected to start later than planned, at a time still to come. */
export const isDelayed = (row, now) =>
  isWaiting(row) && row.expected_at !== null && new Date(row.expected_at) > now;

/**
 * Everything the page shows; each interview is in one list only.
 * @param {Map<string, any>} rows of the topic `person.<id>`
 * @param {Date} now
 * @param {string | null} kept key of an interview that stays the next one while a decline reason
 *   is being typed there
 */
export function arrangeDay(rows, now, kept = null) {
  const ofKind = (kind) => [...rows.values()].filter((row) => row.kind === kind);
  const own = ofKind("interview")
    .filter((row) => row.mine)
    .sort(byStart);
  const notices = ofKind("notice").sort((a, b) => b.at.localeCompare(a.at) || b.id - a.id);
  const today = dayOf(now);
  const next = nextOf(own, today, kept);
  const rest = own.filter((row) => row !== next && !isDue(row));
  return {
    next,
    arrived: own.filter((row) => row.status === "arrived" && isTakingPart(row)),
    due: own.filter(isDue),
    today: rest.filter((row) => dayOfRow(row) === today && isOpen(row)),
    over: rest.filter((row) => dayOfRow(row) === today && !isOpen(row)),
    later: rest.filter((row) => dayOfRow(row) > today && isOpen(row)),
    notFinished: rest.filter((row) => dayOfRow(row) < today && isOpen(row) && isTakingPart(row)),
    notices,
    unread: notices.filter((notice) => !notice.read).length,
  };
}

function byStart(one, other) {
  return startOf(one).getTime() - startOf(other).getTime() || one.id - other.id;
}

// The running interview, else the first one of today or later that has not started.
function nextOf(own, today, kept) {
  const possible = own.filter((row) => isOpen(row) && isTakingPart(row));
  const typedAt = possible.find((row) => row.key === kept && isWaiting(row));
  if (typedAt) return typedAt;
  const running = possible.find((row) => row.status === "in_progress");
  return running ?? possible.find((row) => dayOfRow(row) >= today) ?? null;
}

/** Whole hours since a scorecard became overdue, at least 1; 0 if it is not overdue. */
export function overdueHours(row, now) {
  if (!row.flags.includes("feedback_overdue")) return 0;
  const since =
    new Date(row.finished_at ?? row.ends_at).getTime() + rules.feedback_overdue_minutes * MINUTE_MS;
  return Math.max(1, Math.floor((now - since) / 3_600_000));
}

/** Rows grouped by the reader's calendar day: [[ISO date, rows], …]. */
export function byDay(rows) {
  const days = new Map();
  for (const row of rows) {
    const day = dayOfRow(row);
    days.set(day, [...(days.get(day) ?? []), row]);
  }
  return [...days];
}
