// The numbers above the board. Today's come as rows of the stream; another day's are counted here.

const status = (name) => (card) => card.status === name;

export const COUNTERS = [
  { name: "today", holds: (card) => card.status !== "cancelled" },
  { name: "arrived", holds: status("arrived") },
  { name: "in_progress", holds: status("in_progress") },
  { name: "late", tone: "alert", holds: (card) => card.flags.includes("late") },
  { name: "feedback_due", tone: "warn", holds: status("feedback_due") },
  { name: "done", holds: status("completed") },
  { name: "no_show", holds: status("no_show") },
];

/** Counter name → number, for the cards of one day. */
export function countsOf(cards, rows, day) {
  const counts = {};
  for (const { name, holds } of COUNTERS) {
    const row = rows.get(`counter:${name}`);
    counts[name] = row?.day === day ? row.value : cards.filter(holds).length;
  }
  return counts;
}
