// Rows of background tasks as values. No DOM.

export const KEPT_MS = 15 * 60_000; // how long a task stays in the tray after its end
const SECONDS = { hour: 3600, minute: 60, second: 1 };

/** The tasks with their newest progress, newest task first. */
export function newestFirst(rows, latest) {
  return [...rows.values()]
    .filter((row) => row.kind === "task")
    .map((row) => withProgress(row, latest.get(row.key)))
    .sort((one, other) => other.created_at.localeCompare(one.created_at));
}

// Progress that arrives after the end of the task is ignored, and progress never goes back.
function withProgress(row, tick) {
  if (!tick || tick.version < row.version || row.finished_at) return row;
  return { ...row, ...tick, done: Math.max(row.done, tick.done) };
}

/** True until the task has succeeded, failed or been cancelled. */
export const isActive = (run) => !run.finished_at;

/** The reader's tasks that are running, or ended a moment ago and were not dismissed. */
export function trayRuns(rows, latest, { owner, dismissed, now }) {
  const isShown = (run) => isActive(run) || now - Date.parse(run.finished_at) < KEPT_MS;
  return newestFirst(rows, latest)
    .filter((run) => run.owner === owner && !dismissed.has(run.key))
    .filter(isShown);
}

/** The first `room` tasks, active ones first, and the number of the others. */
export function limitRuns(runs, room) {
  const inOrder = [...runs.filter(isActive), ...runs.filter((run) => !isActive(run))];
  return { shown: inOrder.slice(0, room), left: Math.max(inOrder.length - room, 0) };
}

/** The tasks with this state and this owner, where given. */
export function filterRuns(runs, { state, owner }) {
  return runs.filter((run) => (!state || run.state === state) && (!owner || run.owner === owner));
}

/** A duration such as "3 min" in the reader's language, or "" if unknown. */
export function timeLeft(seconds, language) {
  if (seconds === null || seconds === undefined) return "";
  const unit = Object.keys(SECONDS).find((name) => seconds >= SECONDS[name]) ?? "second";
  const count = Math.round(seconds / SECONDS[unit]);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(
    count,
  );
}
