// Finds conflicts among the cards of this board, as a hint while dragging and editing. The server
// decides, and knows other campaigns, full days and breaks. Pure functions.

import { isNotTakingPlace } from "../../rules.js";

/**
 * The cards that overlap a card at another place and time, each with what both need: the room, the
 * candidate, or interviewers.
 * @param {Map<string, any>} rows
 * @param {InterviewCard} card
 * @param {{room: number, from: number, to: number}} place times in milliseconds
 * @returns {{card: InterviewCard, needs: "room" | "candidate" | "interviewers", people: Assignment[]}[]}
 */
export function clashesOf(rows, card, { room, from, to }) {
  const found = [];
  const overlaps = (row, ends) => Date.parse(row.starts_at) < to && Date.parse(ends) > from;
  for (const row of rows.values()) {
    if (row.kind !== "interview" || row.key === card.key || isNotTakingPlace(row)) continue;
    if (row.room_id === room && overlaps(row, row.ends_at)) {
      found.push({ card: row, needs: "room", people: [] });
    }
    if (!overlaps(row, endOf(row))) continue;
    if (row.candidate_id === card.candidate_id) {
      found.push({ card: row, needs: "candidate", people: [] });
    }
    const people = sharedBy(row, card);
    if (people.length) found.push({ card: row, needs: "interviewers", people });
  }
  return found;
}

/** An interview that finished early frees its people. Its room stays booked until the planned end. */
function endOf({ ends_at, finished_at }) {
  return finished_at && Date.parse(finished_at) < Date.parse(ends_at) ? finished_at : ends_at;
}

function sharedBy(row, card) {
  const own = new Set(attending(card).map((one) => one.id));
  return attending(row).filter((one) => own.has(one.id));
}

const attending = (row) => row.assignments.filter((one) => one.response !== "declined");
