// Who else views the board or a card, from the presence rows. A large audience is some names and a
// number. No DOM.

export const AVATARS_SHOWN = 3;

/** Presence rows of everybody but the reader, of one card only if a key is given. */
export function viewersOf(app, key = null) {
  return [...app.latest.values()].filter(
    (row) =>
      row.kind === "presence" &&
      row.user !== app.config.user.id &&
      (key === null || row.watching === key),
  );
}

/** The number of viewers without a presence row of their own, the reader not counted. */
export function unlistedCount(app) {
  const others = app.latest.get("presence:others")?.count ?? 0;
  const isListed = app.latest.has(`presence:${app.config.user.id}`);
  return Math.max(0, isListed ? others : others - 1);
}

/** The initials shown on a card as one string, to compare in guard(). */
export const initialsOn = (app, key) =>
  viewersOf(app, key)
    .map((one) => one.initials)
    .join();
