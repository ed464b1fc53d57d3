// Rows of background work as values, without DOM.

const KEPT_MS = 15 * 60_000; // how long a run that has ended stays in the tray
const ACTIVE = new Set(["queued", "running"]);
const SECONDS = { hour: 3600, minute: 60, second: 1 };

/** The runs with their newest progress, the newest run first. */
export function newestFirst(rows, latest) {
  return [...rows.values()]
    .filter((row) => row.kind === "task")
    .map((row) => withProgress(row, latest.get(row.key)))
    .sort((one, other) => other.created_at.localeCompare(one.created_at));
}

// A tick that was overtaken by the row's end says nothing any more, and progress never goes back.
function withProgress(row, tick) {
  if (!tick || tick.version < row.version || row.finished_at) return row;
  return { ...row, ...tick, done: Math.max(row.done, tick.done) };
}

export const isActive = (run) => ACTIVE.has(run.state);

/** One's own runs that are under way, or ended a moment ago and were not put away. */
export function trayRuns(rows, latest, { owner, dismissed, now }) {
  const isShown = (run) => isActive(run) || now - Date.parse(run.finished_at) < KEPT_MS;
  return newestFirst(rows, latest)
    .filter((run) => run.owner === owner && !dismissed.has(run.key))
    .filter(isShown);
}

/** The newest few of what the tray would show, and how many it leaves to the page of all runs. */
export function limitRuns(runs, room) {
  const inOrder = [...runs.filter(isActive), ...runs.filter((run) => !isActive(run))];
  return { shown: inOrder.slice(0, room), left: Math.max(inOrder.length - room, 0) };
}

/** Those of a state, and one's own, if the page is asked for no more. */
export function chosen(runs, { state, owner }) {
  return runs.filter((run) => (!state || run.state === state) && (!owner || run.owner === owner));
}

/** Seconds as "3 min" in the reader's language, or "" when nobody knows. */
export function timeLeft(seconds, language) {
  if (seconds === null || seconds === undefined) return "";
  const unit = Object.keys(SECONDS).find((name) => seconds >= SECONDS[name]) ?? "second";
  const count = Math.round(seconds / SECONDS[unit]);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(
    count,
  );
}
