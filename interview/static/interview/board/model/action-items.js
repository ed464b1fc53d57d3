// The list of what needs action: each flagged card becomes at most one item, most urgent first.
// Pure functions.

import { isWaiting, rules } from "../../rules.js";

export const ORDER = [
  "interviewer_missing",
  "candidate_missing",
  "room_late",
  "declined",
  "excused",
  "clash",
  "overrun",
  "late",
  "feedback_overdue",
  "unconfirmed",
];
const WARNINGS = new Set(["late", "feedback_overdue", "unconfirmed"]);
const SHIFT_STEP_MINUTES = 5;

/**
 * The action items of these cards, most urgent first. An item has key, kind, tone, a card or a
 * room, and `minutes`: its age, or null for kinds whose age means nothing.
 * @param {InterviewCard[]} cards
 * @param {RoomRow[]} rooms
 * @param {Date} now
 */
export function actionItemsOf(cards, rooms, now) {
  const late = lateRoomItems(cards, rooms);
  const covered = new Set(late.flatMap((item) => item.cards.map((card) => card.key)));
  const single = cards.map((card) => actionItemOf(card, now, covered)).filter(Boolean);
  return [...single, ...late].sort(byUrgency);
}

function byUrgency(one, other) {
  const rank = ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind);
  return rank || (other.minutes ?? 0) - (one.minutes ?? 0) || (one.key < other.key ? -1 : 1);
}

function actionItemOf(card, now, covered) {
  const kind = ORDER.find((name) => card.flags.includes(name));
  const isCovered = covered.has(card.key) && (kind === "late" || kind === "overrun");
  if (!kind || isCovered) return null;
  const tone = WARNINGS.has(kind) ? "warn" : "alert";
  const minutes = minutesSince(kind, card, now);
  return { key: `${kind}:${card.id}`, kind, tone, card, target: card, minutes };
}

function minutesSince(kind, card, now) {
  if (["declined", "excused", "clash", "unconfirmed"].includes(kind)) return null;
  const began = {
    overrun: card.ends_at,
    feedback_overdue: card.finished_at ?? card.ends_at,
  }[kind];
  const minutes = Math.floor((now - Date.parse(began ?? card.starts_at)) / 60_000);
  return minutes < 0 ? null : minutes; // somebody reported it before the start
}

/** True if no interviewer is left who could write a scorecard. */
export function hasNoAssessor(card) {
  return card.feedback.due === 0;
}

/** Rooms whose next interviews will start late because of one that is still running. */
function lateRoomItems(cards, rooms) {
  const actionItems = [];
  for (const room of rooms) {
    if (room.delay_minutes < rules.late_room_minutes) continue;
    const here = cards.filter((card) => card.room_id === room.id);
    const affected = here
      .filter((card) => isWaiting(card) && card.expected_at && !isMissing(card))
      .sort((one, other) => Date.parse(one.starts_at) - Date.parse(other.starts_at));
    const running = here.filter((card) => card.status === "in_progress");
    if (affected.length === 0 || running.length === 0) continue;
    actionItems.push({
      key: `room_late:${room.id}`,
      kind: "room_late",
      tone: "alert",
      room,
      cards: [...running, ...affected],
      target: running[0],
      affected,
      minutes: room.delay_minutes,
      shift: Math.ceil(room.delay_minutes / SHIFT_STEP_MINUTES) * SHIFT_STEP_MINUTES,
    });
  }
  return actionItems;
}

// A missing person is an item of its own; shifting the room would not help.
function isMissing(card) {
  return card.flags.includes("candidate_missing") || card.flags.includes("interviewer_missing");
}

/** The items in order. More than `most` warnings of one kind become one group. */
export function grouped(actionItems, most = 3) {
  const kinds = new Map();
  for (const item of actionItems) kinds.set(item.kind, [...(kinds.get(item.kind) ?? []), item]);
  return [...kinds].flatMap(([kind, list]) =>
    WARNINGS.has(kind) && list.length > most ? [{ key: `group:${kind}`, kind, group: list }] : list,
  );
}

/**
 * The follow-up of an item: who deals with its flag; null if nobody does, or if it was put off until
 * a time that has come.
 */
export function followUpOf({ kind, target }, now) {
  const followUp = target.follow_up;
  if (followUp?.flag !== kind) return null;
  const until = followUp.snoozed_until;
  return until && Date.parse(until) <= now.getTime() ? null : followUp;
}

/** True if nobody needs to act on the item yet. */
export function isSnoozed(item, now) {
  return Boolean(followUpOf(item, now)?.snoozed_until);
}
