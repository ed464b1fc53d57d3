// Which processes of the site are alive, as values, without DOM.

/**
 * One entry for each kind that must live: how many do, and all of them, the silent ones first.
 * @param {Map} rows of the topic that operations follow
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

/** ok: alive. warn: one of several is silent. alert: none of this kind gives a sign of life. */
export function toneOf({ alive, silent }) {
  if (!alive) return "alert";
  return silent ? "warn" : "ok";
}
