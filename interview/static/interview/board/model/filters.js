// Which cards are shown. A filter is a value; changing it makes another.

import { COUNTERS } from "./counts.js";

export const emptyFilter = Object.freeze({
  query: "",
  rounds: new Set(),
  jobs: new Set(),
  rooms: new Set(),
  only: null, // name of the counter that was clicked, or of a flag
});

const searchTexts = new WeakMap();

/** Everything a search looks through, lower-case. */
function searchText(card) {
  let text = searchTexts.get(card);
  if (text === undefined) {
    text = [card.search, card.job, card.room, ...card.interviewers].join(" ").toLowerCase();
    searchTexts.set(card, text);
  }
  return text;
}

/** Whether every word of the query is somewhere on the card. */
export function matchesQuery(card, query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => searchText(card).includes(word));
}

/** The cards that pass. */
export function matchingCards(cards, filter) {
  const counter = COUNTERS.find(({ name }) => name === filter.only);
  return cards.filter(
    (card) =>
      (filter.rounds.size === 0 || filter.rounds.has(card.round)) &&
      (filter.jobs.size === 0 || filter.jobs.has(card.job)) &&
      (filter.rooms.size === 0 || filter.rooms.has(card.room_id)) &&
      (filter.only === null ||
        (counter ? counter.matches(card) : card.flags.includes(filter.only))) &&
      matchesQuery(card, filter.query),
  );
}

/** The same set with this value put in, or taken out. */
export function toggled(set, value) {
  const other = new Set(set);
  if (!other.delete(value)) other.add(value);
  return other;
}

/** Whether anything is held back. */
export function isFiltered(filter) {
  return Boolean(
    filter.query.trim() ||
      filter.only ||
      filter.rounds.size ||
      filter.jobs.size ||
      filter.rooms.size,
  );
}
