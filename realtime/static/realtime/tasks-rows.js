// Rows of background work as values, without DOM.

const SECONDS = { hour: 3600, minute: 60, second: 1 };

/** The runs with their newest progress, the newest run first. */
export function newestFirst(rows, latest) {
  return [...rows.values()]
    .filter((row) => row.kind === "task")
    .map((row) => withTick(row, latest.get(row.key)))
    .sort((one, other) => other.created_at.localeCompare(one.created_at));
}

// A tick that was overtaken by the row's end says nothing any more, and progress never goes back.
function withTick(row, tick) {
  if (!tick || tick.version < row.version || row.finished_at) return row;
  return { ...row, ...tick, done: Math.max(row.done, tick.done) };
}

/** Seconds as "3 min" in the reader's language, or "" when nobody knows. */
export function timeLeft(seconds, language) {
  if (seconds === null || seconds === undefined) return "";
  const unit = Object.keys(SECONDS).find((name) => seconds >= SECONDS[name]) ?? "second";
  const count = Math.round(seconds / SECONDS[unit]);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(count);
}
