// Builds the view model of the operations page from the rows and the newest status. No DOM, socket
// or clock.

const BY_TIME = (one, other) => Date.parse(other.at) - Date.parse(one.at);

/** The later of two statuses; either may be missing. */
export function newest(one, other) {
  if (!one || !other) return one ?? other ?? null;
  return Date.parse(other.at) >= Date.parse(one.at) ? other : one;
}

/**
 * A newer status on top of the last one. Checks that were not made this time keep their result and
 * their time, and so do the numbers if the status has none.
 * @param {any} before
 * @param {any} status with the time of the checks in `at`
 */
export function mergeStatus(before, status) {
  const made = [...status.checked, ...status.unknown];
  const checkedAt = Object.fromEntries(made.map((name) => [name, status.at]));
  if (!before) return { ...status, checkedAt };
  const isKept = (name) => name in before.checkedAt && !(name in checkedAt);
  const join = (field) => [...status[field], ...before[field].filter(isKept)];
  const kept = Object.entries(before.because).filter(([name]) => isKept(name));
  const hasNumbers = "pending" in status;
  return {
    ...before,
    ...status,
    at: hasNumbers ? status.at : before.at,
    checked: join("checked"),
    unknown: join("unknown"),
    failing: join("failing"),
    because: { ...Object.fromEntries(kept), ...status.because },
    checkedAt: { ...before.checkedAt, ...checkedAt },
  };
}

/**
 * The rows by key, after an answer. Those that it could not read are kept.
 * @param {Map<string, any>} before
 * @param {{ rows: any[], unread: string[] }} answer unread: prefixes of keys
 */
export function mergeRows(before, { rows, unread }) {
  const kept = [...before.values()].filter(({ key }) => unread.includes(key.split(":", 1)[0]));
  const all = new Map();
  for (const row of [...kept, ...rows]) all.set(row.key, row);
  return all;
}

/**
 * The failed checks that stand for themselves, as [name, consequences]. A consequence of a
 * consequence belongs to the first cause.
 */
export function causes({ failing, because }) {
  const first = (name) => (name in because ? first(because[name]) : name);
  const found = new Map(failing.filter((name) => !(name in because)).map((name) => [name, []]));
  for (const name of failing.filter((one) => one in because)) {
    const cause = first(name);
    found.set(cause, [...(found.get(cause) ?? []), name]);
  }
  return [...found];
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
