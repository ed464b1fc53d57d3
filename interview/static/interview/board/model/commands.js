// What the command palette offers: cards, rooms, actions, views and pages. Pure functions.

import { matchesQuery } from "./filters.js";
import { foldName } from "./name-search.js";

const MOST = 12; // more would not be read

/**
 * A command of the palette.
 * @typedef {object} Command
 * @property {string} id
 * @property {string} label
 * @property {string} detail
 * @property {() => void} run
 * @property {InterviewCard} [card] found also by pinyin, job, room, interviewers and phone end
 */

/**
 * The commands that match a query, those whose label begins with it first.
 * @param {Command[]} commands in the order in which equals are offered
 * @param {string} query empty: those that are offered first
 */
export function matchingCommands(commands, query) {
  const wanted = foldName(query).trim();
  if (!wanted) return commands.filter((one) => !one.card).slice(0, MOST);
  const words = wanted.split(" ");
  const matches = (text) => words.every((word) => text.includes(word));
  return commands
    .map((command) => ({ command, label: foldName(command.label) }))
    .filter(({ command, label }) =>
      command.card
        ? matchesQuery(command.card, query)
        : matches(`${label} ${foldName(command.detail)}`),
    )
    .sort(
      (one, other) => Number(other.label.startsWith(wanted)) - Number(one.label.startsWith(wanted)),
    )
    .slice(0, MOST)
    .map(({ command }) => command);
}
