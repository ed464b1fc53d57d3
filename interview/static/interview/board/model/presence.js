// Who else watches the board: a few by name, and of a crowd the number. No DOM here.

export const AVATARS_SHOWN = 3;

/** Presence rows of everybody but the reader; of one card only, when a key is given. */
export function viewersOf(app, key = null) {
  return [...app.latest.values()].filter(
    (row) =>
      row.kind === "presence" &&
      row.user !== app.config.user.id &&
      (key === null || row.watching === key),
  );
}

/** How many more there are than the rows tell of. The reader is one of those counted. */
export function unlistedCount(app) {
  const others = app.latest.get("presence:others")?.count ?? 0;
  const isListed = app.latest.has(`presence:${app.config.user.id}`);
  return Math.max(0, isListed ? others : others - 1);
}

/** One value for `same`: whose initials a card shows. */
export const initialsOn = (app, key) =>
  viewersOf(app, key)
    .map((one) => one.initials)
    .join();
