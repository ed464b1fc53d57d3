// What this browser remembers in localStorage, the room filter and the look of the grid, and a cache
// of suggested interviewers.

import { HOUR_WIDTHS } from "../model/grid-layout.js";

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

const LOOK_KEY = "board-grid";
const DEFAULT_LOOK = { zoom: 2, isCompact: false, isFolded: false };

/** The look of the grid: index of the zoom, compact rows, finished hours folded. */
export function loadGridLook() {
  try {
    const look = { ...DEFAULT_LOOK, ...JSON.parse(localStorage.getItem(LOOK_KEY) ?? "{}") };
    return HOUR_WIDTHS[look.zoom] === undefined ? DEFAULT_LOOK : look;
  } catch {
    return DEFAULT_LOOK;
  }
}

export function saveGridLook(look) {
  localStorage.setItem(LOOK_KEY, JSON.stringify(look));
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
