// The counters above the board. The server sends today's as rows of the stream; those of another
// day are counted here.

const status = (name) => (card) => card.status === name;

/** @type {{name: string, tone?: string, matches: (card: InterviewCard) => boolean}[]} */
export const COUNTERS = [
  { name: "today", matches: (card) => card.status !== "cancelled" },
  { name: "arrived", matches: status("arrived") },
  { name: "in_progress", matches: status("in_progress") },
  { name: "late", tone: "alert", matches: (card) => card.flags.includes("late") },
  { name: "feedback_due", tone: "warn", matches: status("feedback_due") },
  { name: "done", matches: status("completed") },
  { name: "no_show", matches: status("no_show") },
];

/** Counter name → number, for the cards of one day. */
export function countsOf(cards, rows, day) {
  const counts = {};
  for (const { name, matches } of COUNTERS) {
    const row = rows.get(`counter:${name}`);
    counts[name] = row?.day === day ? row.value : cards.filter(matches).length;
  }
  return counts;
}
