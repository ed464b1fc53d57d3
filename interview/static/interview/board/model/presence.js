// Who else watches the board: a few by name, and of a crowd the number. No DOM here.

export const FACES_SHOWN = 3;

/** Presence rows of everybody but the reader; of one card only, when a key is given. */
export function watchersOf(app, key = null) {
  return [...app.latest.values()].filter(
    (row) =>
      row.kind === "presence" &&
      row.user !== app.config.user.id &&
      (key === null || row.watching === key),
  );
}

/** How many more there are than the rows tell of. The reader is one of those counted. */
export function untoldOf(app) {
  const others = app.latest.get("presence:others")?.count ?? 0;
  const isTold = app.latest.has(`presence:${app.config.user.id}`);
  return Math.max(0, isTold ? others : others - 1);
}

/** One value for `same`: whose faces a card shows. */
export const facesOn = (app, key) =>
  watchersOf(app, key)
    .map((one) => one.initials)
    .join();
