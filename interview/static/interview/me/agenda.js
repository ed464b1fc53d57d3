// The interviewer's day as a value: functions from (rows, now) to what is next, which scorecards
// are due, the rest of today, later. Without DOM or socket; agenda.py arranges the same for pages
// without script.

import { dayOf } from "../../realtime/time-zone.js";

const WAITING = new Set(["scheduled", "confirmed", "arrived"]);
const SETTLED = new Set(["submitted", "dismissed"]);
const OVERDUE_AFTER_MS = 60 * 60 * 1000;

export const isWaiting = (row) => WAITING.has(row.status);
export const isOpen = (row) => isWaiting(row) || row.status === "in_progress";
export const isTakingPart = (row) => row.mine.response !== "declined";
export const isDue = (row) =>
  row.status === "feedback_due" && isTakingPart(row) && !SETTLED.has(row.mine.scorecard);

export const startOf = (row) => new Date(row.starts_at);
export const dayOfRow = (row) => dayOf(startOf(row));

/** Whether a delay elsewhere moves the start to a moment that is still to come. */
export const isDelayed = (row, now) =>
  isWaiting(row) && row.expected_at !== null && new Date(row.expected_at) > now;

/**
 * Everything the page shows, each interview in one place.
 * @param {Map<string, object>} rows of the topic `person.<id>`
 * @param {Date} now
 * @param {string | null} kept key of the next one for as long as somebody types there
 */
export function arrangeDay(rows, now, kept = null) {
  const kinds = Object.groupBy ? Object.groupBy(rows.values(), (row) => row.kind) : byKind(rows);
  const own = (kinds.interview ?? []).filter((row) => row.mine).sort(byStart);
  const notices = (kinds.notice ?? []).sort((a, b) => b.at.localeCompare(a.at) || b.id - a.id);
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

function byKind(rows) {
  const kinds = {};
  for (const row of rows.values()) (kinds[row.kind] ??= []).push(row);
  return kinds;
}

function byStart(one, other) {
  return startOf(one) - startOf(other) || one.id - other.id;
}

// The one that runs, else the first of today or later that still waits.
function nextOf(own, today, kept) {
  const possible = own.filter((row) => isOpen(row) && isTakingPart(row));
  const typedAt = possible.find((row) => row.key === kept && isWaiting(row));
  if (typedAt) return typedAt;
  const running = possible.find((row) => row.status === "in_progress");
  return running ?? possible.find((row) => dayOfRow(row) >= today) ?? null;
}

/** Whole hours since a scorecard became overdue; 0 when it is not. */
export function overdueHours(row, now) {
  if (!row.flags.includes("feedback_overdue")) return 0;
  const since = new Date(row.finished_at ?? row.ends_at).getTime() + OVERDUE_AFTER_MS;
  return Math.max(1, Math.floor((now - since) / 3_600_000));
}

/** Rows grouped by the reader's day, in order: [[ISO date, rows]…]. */
export function byDay(rows) {
  const days = new Map();
  for (const row of rows) {
    const day = dayOfRow(row);
    days.set(day, [...(days.get(day) ?? []), row]);
  }
  return [...days];
}
