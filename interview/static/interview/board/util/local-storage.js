// The room filter of this browser, kept in localStorage, and a cache of suggested interviewers.

const MAX_SUGGESTIONS = 50;

const roomsKey = (config) => `board-rooms:${config.campaign.slug}`;

/** Ids of the rooms that this browser last showed on this board. */
export function loadRoomFilter(config) {
  try {
    return new Set(JSON.parse(localStorage.getItem(roomsKey(config)) ?? "[]"));
  } catch {
    return new Set();
  }
}

export function saveRoomFilter(config, rooms) {
  localStorage.setItem(roomsKey(config), JSON.stringify([...rooms]));
}

/** Suggested interviewers for this version of a card, fetched once; null until they arrive. */
export function suggestionsFor(app, card) {
  const key = `${card.key}@${card.version}`;
  if (!app.suggestions.has(key)) {
    if (app.suggestions.size >= MAX_SUGGESTIONS) app.suggestions.clear();
    app.suggestions.set(key, null);
    app.api.get(`interviews/${card.id}/suggestions/`).then((answer) => {
      app.suggestions.set(key, answer.ok ? answer.body : []);
      app.refresh();
    });
  }
  return app.suggestions.get(key);
}
