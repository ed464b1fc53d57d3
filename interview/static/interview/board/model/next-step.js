// The likely next step of an interview, whose button is the most prominent one.

import { rules } from "../../rules.js";

const MINUTE_MS = 60_000;

/**
 * The step that follows most likely now, or null. Nobody checks in hours before the start.
 * @param {InterviewCard} card
 * @param {Date} now
 */
export function nextStep(card, now) {
  const minutes = (Date.parse(card.starts_at) - now.getTime()) / MINUTE_MS;
  const isNear = minutes <= rules.check_in_lead_minutes;
  const next = {
    scheduled: isNear ? "check-in" : "confirm",
    confirmed: isNear ? "check-in" : null,
    arrived: "start",
    in_progress: "finish",
  };
  return next[card.status] ?? null;
}
