// Which processes of the site are alive, as values. No DOM.

/**
 * One entry for each kind of process: its members, silent ones first, and how many are alive.
 * @param {Map<string, any>} rows of the topic `ops`
 * @param {string[]} kinds in the order in which they are shown
 */
export function processes(rows, kinds) {
  const beats = [...rows.values()].filter((row) => row.kind === "heartbeat");
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
