// Which cards are shown. A filter is an immutable value; changing it makes a new one.

import { COUNTERS } from "./counts.js";
import { foldName, numberEnd } from "./name-search.js";

/** @type {Readonly<CardFilter>} */
export const emptyFilter = Object.freeze({
  query: "",
  rounds: new Set(),
  jobs: new Set(),
  rooms: new Set(),
  only: null, // name of a counter or of a flag
});

const searchTexts = new WeakMap();

/** The text in which a search looks, as `foldName` returns it, and names without blanks. */
function searchText(card) {
  let text = searchTexts.get(card);
  if (text === undefined) {
    const folded = foldName([card.search, card.job, card.room, ...card.interviewers].join(" "));
    text = `${folded} ${foldName(card.candidate).replaceAll(" ", "")}`;
    searchTexts.set(card, text);
  }
  return text;
}

/** True if every word of the query occurs on the card, or it is the number of the candidate. */
export function matchesQuery(card, query) {
  const digits = numberEnd(query);
  if (digits && searchText(card).includes(digits)) return true;
  const words = foldName(query).split(" ").filter(Boolean);
  if (words.length === 0 && query.trim()) return false;
  return words.every((word) => searchText(card).includes(word));
}

/** The cards that match the filter. */
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

/** A copy of the set with the value added, or removed if it was there. */
export function toggled(set, value) {
  const other = new Set(set);
  if (!other.delete(value)) other.add(value);
  return other;
}

/** True if the filter hides anything. */
export function isFiltered(filter) {
  return Boolean(
    filter.query.trim() ||
      filter.only ||
      filter.rounds.size ||
      filter.jobs.size ||
      filter.rooms.size,
  );
}

/** True if the filter hides anything but rooms. */
export function isFilteredBeyondRooms(filter) {
  return isFiltered({ ...filter, rooms: new Set() });
}
