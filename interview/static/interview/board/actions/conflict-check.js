// All conflicts of a card at another place and time, for the drag and the reschedule form: first
// those among the cards of this board, then the server's answer.

import { clashesOf } from "../model/clashes.js";
import { namesText } from "../util/format.js";

const WAIT_MS = 150; // a drag crosses many places; only where it rests is the server asked
const MAX_CHECKS = 200;

/**
 * @param {App} app
 * @param {InterviewCard} card
 * @param {{room: number, from: number, to: number}} place times in milliseconds
 * @returns {{text: string, refused: boolean}[]} refused: no reason permits it
 */
export function conflictsAt(app, card, place) {
  const clashes = clashesOf(app.rows, card, place);
  const told = answered(app, card, place);
  if (!told) return clashes.map((clash) => hint(app, clash));
  return told.flatMap((conflict) => {
    const seen = clashes.filter((clash) => NEEDS[conflict.kind]?.(clash, conflict));
    return seen.length ? seen.map((clash) => hint(app, clash)) : [conflict];
  });
}

// Which card of the board explains a conflict that the server reports.
const NEEDS = {
  room_taken: ({ needs }) => needs === "room",
  candidate_booked: ({ needs }) => needs === "candidate",
  booked: ({ people }, { interviewer }) => people.some((one) => one.id === interviewer),
};

function hint(app, { card, needs, people }) {
  return {
    refused: needs === "room",
    text: app.t(`clash_${needs}`, {
      candidate: card.candidate,
      room: card.room,
      time: `${app.clock.time(card.starts_at)}–${app.clock.time(card.ends_at)}`,
      people: namesText(
        people.map((one) => one.name),
        app.config.language,
      ),
    }),
  };
}

/** The server's answer; null until it arrives, which redraws, or if the server does not answer. */
function answered(app, card, { room, from, to }) {
  const key = [card.key, card.version, room, from, to].join();
  if (!app.checks.has(key)) {
    if (app.checks.size >= MAX_CHECKS) app.checks.clear();
    app.checks.set(key, null);
  }
  if (app.checks.get(key) === null && app.wantedCheck !== key) {
    app.wantedCheck = key;
    setTimeout(() => app.wantedCheck === key && ask(app, card, key, { room, from, to }), WAIT_MS);
  }
  return app.checks.get(key);
}

async function ask(app, card, key, { room, from, to }) {
  const query = new URLSearchParams({
    room: String(room),
    starts_at: new Date(from).toISOString(),
    ends_at: new Date(to).toISOString(),
  });
  const answer = await app.api.get(`interviews/${card.id}/conflicts/?${query}`);
  if (!answer.ok) return;
  app.checks.set(key, answer.body);
  app.refresh();
}
