// Compares two versions of a card, for the message after a version conflict. Pure functions.

/** @type {[string, (card: InterviewCard) => string][]} */
const SHOWN = [
  ["status", (card) => card.status],
  ["when", (card) => `${card.starts_at} ${card.ends_at}`],
  ["where", (card) => card.room],
  ["people", (card) => card.assignments.map((one) => `${one.id}:${one.response}`).join()],
  ["reason", (card) => card.reason],
];

/**
 * Names of the fields that differ, in the order in which they are shown.
 * @param {InterviewCard} seen
 * @param {InterviewCard} now
 */
export function changedFields(seen, now) {
  return SHOWN.filter(([, value]) => value(seen) !== value(now)).map(([name]) => name);
}
