// What the page of operations shows, as a value: from the rows and the newest standing, without
// DOM, socket or clock.

const BY_TIME = (one, other) => Date.parse(other.at) - Date.parse(one.at);

/** The later of two standings; either may be missing. */
export function newest(one, other) {
  if (!one || !other) return one ?? other ?? null;
  return Date.parse(other.at) >= Date.parse(one.at) ? other : one;
}

/**
 * A standing told by the relay, which makes fewer checks than a web process: what it did not look
 * at stays as it was.
 */
export function mergeStatus(before, standing) {
  if (!before) return standing;
  const kept = before.failing.filter(
    (name) => before.checked.includes(name) && !standing.checked.includes(name),
  );
  return { ...standing, failing: [...new Set([...kept, ...standing.failing])] };
}

/**
 * @param {Map} rows of the topic `ops`
 * @param {object} standing see `standing_row` in standing.py
 * @param {{ kept: number, now: number }} page how much of what failed is shown, and the server's
 *   time
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

/** Seconds as [unit, number] in the one unit that fits. */
export function duration(seconds) {
  if (seconds >= 3600) return ["hours", Math.round(seconds / 3600)];
  if (seconds >= 60) return ["minutes", Math.round(seconds / 60)];
  return ["seconds", Math.round(seconds)];
}
