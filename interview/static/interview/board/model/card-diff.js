// What somebody changed meanwhile: the fields in which two versions of a card differ. Pure.

const SHOWN = [
  ["status", (card) => card.status],
  ["when", (card) => `${card.starts_at} ${card.ends_at}`],
  ["where", (card) => card.room],
  ["people", (card) => card.assignments.map((one) => `${one.id}:${one.response}`).join()],
  ["reason", (card) => card.reason],
];

/** Names of the fields that differ, in reading order. */
export function changedFields(seen, now) {
  return SHOWN.filter(([, value]) => value(seen) !== value(now)).map(([name]) => name);
}
