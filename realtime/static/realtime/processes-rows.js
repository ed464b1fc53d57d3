// Which processes of the site are alive, as values. No DOM.

/**
 * One entry for each kind of process: its members, silent ones first, and how many are alive.
 * @param {Map<string, any>} rows of the topic `ops`
 * @param {string[]} kinds in the order in which they are shown
 * @param {Record<string, number> | null} [heartbeats] seconds since the last one, by key: they tell
 *   that a process is silent before its row does, which the relay may not write any more
 * @param {number} [silentAfter] seconds
 */
export function processes(rows, kinds, heartbeats = null, silentAfter = Infinity) {
  const seen = (row) => heartbeats?.[row.key] ?? 0;
  const beats = [...rows.values()]
    .filter((row) => row.kind === "heartbeat")
    .map((row) => ({ ...row, seen: seen(row), alive: row.alive && seen(row) <= silentAfter }));
  return kinds.map((process) => {
    const members = beats.filter((row) => row.process === process).sort(silentFirst);
    const alive = members.filter((row) => row.alive).length;
    return { process, members, alive, silent: members.length - alive };
  });
}

const silentFirst = (one, other) =>
  Number(one.alive) - Number(other.alive) || one.name.localeCompare(other.name);

/** "ok": all are alive; "warn": some are silent; "alert": none is alive. */
export function toneOf({ alive, silent }) {
  if (!alive) return "alert";
  return silent ? "warn" : "ok";
}

/** Whether a process has missed more than one heartbeat, but is not yet silent. */
export const isOverdue = (row, heartbeatSeconds) => row.alive && row.seen > 2 * heartbeatSeconds;

/** The number of processes that are silent or overdue. */
export function countQuiet(kinds, heartbeatSeconds) {
  const members = kinds.flatMap((one) => one.members);
  return members.filter((row) => !row.alive || isOverdue(row, heartbeatSeconds)).length;
}
