// Sorts the cards of the list view. Pure functions.

const STATUS_ORDER = [
  "arrived",
  "in_progress",
  "confirmed",
  "scheduled",
  "feedback_due",
  "completed",
  "no_show",
  "cancelled",
];

const VALUES = {
  time: (card) => Date.parse(card.starts_at),
  candidate: (card) => card.candidate,
  job: (card) => card.job,
  round: (card) => card.round,
  room: (card) => card.room,
  interviewers: (card) => card.interviewers.join(),
  status: (card) => STATUS_ORDER.indexOf(card.status),
  flags: (card) => -card.flags.length,
  feedback: (card) => (card.feedback.due ? card.feedback.in / card.feedback.due : 2),
};

const letters = new Intl.Collator(["zh-Hans", "en"], { numeric: true });

function compare(one, other) {
  return typeof one === "string" ? letters.compare(one, other) : one - other;
}

/** A sorted copy of the cards; equal ones are in the order of their start. */
export function sorted(cards, { column, isDown }) {
  const value = VALUES[column];
  const sign = isDown ? -1 : 1;
  const keyed = cards.map((card) => ({ card, value: value(card), start: VALUES.time(card) }));
  keyed.sort(
    (one, other) =>
      sign * compare(one.value, other.value) ||
      one.start - other.start ||
      one.card.id - other.card.id,
  );
  return keyed.map(({ card }) => card);
}
