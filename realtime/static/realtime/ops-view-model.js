// Builds the view model of the operations page from the rows and the newest status. No DOM, socket
// or clock.

const BY_TIME = (one, other) => Date.parse(other.at) - Date.parse(one.at);

/** The later of two statuses; either may be missing. */
export function newest(one, other) {
  if (!one || !other) return one ?? other ?? null;
  return Date.parse(other.at) >= Date.parse(one.at) ? other : one;
}

/**
 * A status from the relay on top of the last one. The relay makes fewer checks than a web
 * process; the failures it does not check stay as they were.
 */
export function mergeStatus(before, standing) {
  if (!before) return standing;
  const kept = before.failing.filter(
    (name) => before.checked.includes(name) && !standing.checked.includes(name),
  );
  return { ...standing, failing: [...new Set([...kept, ...standing.failing])] };
}

/**
 * @param {Map<string, any>} rows of the topic `ops`
 * @param {any} standing the newest status, as in realtime/operations/status.py
 * @param {{ kept: number, now: number }} page number of incidents shown, and the server's time
 */
export function buildOpsView(rows, standing, { kept, now }) {
  const of = (kind) => [...rows.values()].filter((row) => row.kind === kind);
  return {
    rows,
    standing,
    robots: of("robot").map((robot) => ({ ...robot, condition: conditionOf(robot, now) })),
    troubles: of("trouble").sort(BY_TIME).slice(0, kept),
  };
}

function conditionOf(robot, now) {
  if (!robot.in_use) return "gone";
  if (robot.rests_until && Date.parse(robot.rests_until) > now) return "resting";
  return robot.alarm ? "alarm" : "ready";
}

/** A duration in seconds as [unit, number], in the largest unit that fits. */
export function duration(seconds) {
  if (seconds >= 3600) return ["hours", Math.round(seconds / 3600)];
  if (seconds >= 60) return ["minutes", Math.round(seconds / 60)];
  return ["seconds", Math.round(seconds)];
}
