// View, day, open card and filter, kept in the fragment of the URL, such as
// #rooms&lanes=interviewers&day=2026-11-23&card=17&job=Engineer. What it names is shown to everybody
// who opens it.

import { emptyFilter } from "../model/filters.js";

export const VIEWS = ["rooms", "status", "list"];
export const LANES = ["rooms", "interviewers", "candidates"]; // rows of the grid

/** View, lanes, day and card named by the fragment of a URL; null for each that it does not name. */
export function parseUrlState(hash) {
  const { first, named } = split(hash);
  const day = named.get("day");
  return {
    view: VIEWS.includes(first) ? first : null,
    lanes: LANES.includes(named.get("lanes")) ? named.get("lanes") : null,
    day: /^\d{4}-\d{2}-\d{2}$/.test(day ?? "") && !Number.isNaN(Date.parse(day)) ? day : null,
    card: /^\d+$/.test(named.get("card") ?? "") ? `interview:${named.get("card")}` : null,
  };
}

/** The filter named by the fragment of a URL; null if it names none. */
export function parseFilter(hash) {
  const { named } = split(hash);
  const numbers = (name) => new Set(named.getAll(name).map(Number).filter(Number.isInteger));
  if (!["q", "round", "job", "room", "only"].some((name) => named.has(name))) return null;
  return {
    query: named.get("q") ?? "",
    rounds: numbers("round"),
    jobs: new Set(named.getAll("job")),
    rooms: numbers("room"),
    only: named.get("only"),
  };
}

function split(hash) {
  const [first, ...rest] = hash.replace(/^#/, "").split("&");
  return { first, named: new URLSearchParams(rest.join("&")) };
}

/** The URL fragment of a view, its lanes, day, card and filter. */
export function formatUrlState({ view, lanes, day, card }, filter = emptyFilter) {
  const named = new URLSearchParams();
  if (lanes && lanes !== LANES[0]) named.append("lanes", lanes);
  if (day) named.append("day", day);
  if (card) named.append("card", card.split(":")[1]);
  if (filter.query.trim()) named.append("q", filter.query);
  for (const round of filter.rounds) named.append("round", String(round));
  for (const job of filter.jobs) named.append("job", job);
  for (const room of filter.rooms) named.append("room", String(room));
  if (filter.only) named.append("only", filter.only);
  return `#${[view ?? VIEWS[0], named.toString()].filter(Boolean).join("&")}`;
}
