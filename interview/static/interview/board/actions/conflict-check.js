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
  const told = answered(app, card, place).filter(
    (conflict) => !clashes.some((clash) => NEEDS[conflict.kind]?.(clash, conflict)),
  );
  return [...clashes.map((clash) => hint(app, clash)), ...told];
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

/**
 * The server's last answer; empty until it arrives, which redraws, or if the server does not
 * answer. It is asked again after any interview of the board has changed.
 */
function answered(app, card, place) {
  const key = [card.key, card.version, place.room, place.from, place.to].join();
  const known = app.checks.get(key);
  if (!known || hasNewInterviews(known.rows, app.rows)) want(app, card, key, place);
  return known?.conflicts ?? [];
}

/** Asks soon, unless this check is waiting already or the server knew no more when it was asked. */
function want(app, card, key, place) {
  const last = app.wantedCheck;
  if (last?.key === key && (!last.rows || !hasNewInterviews(last.rows, app.rows))) return;
  const check = { key, rows: null };
  app.wantedCheck = check;
  setTimeout(() => app.wantedCheck === check && ask(app, card, check, place), WAIT_MS);
}

async function ask(app, card, check, { room, from, to }) {
  check.rows = app.rows;
  const query = new URLSearchParams({
    room: String(room),
    starts_at: new Date(from).toISOString(),
    ends_at: new Date(to).toISOString(),
  });
  const answer = await app.api.get(`interviews/${card.id}/conflicts/?${query}`);
  if (!answer.ok) return;
  if (app.checks.size >= MAX_CHECKS) app.checks.clear();
  app.checks.set(check.key, { rows: check.rows, conflicts: answer.body });
  app.refresh();
}

/** True if an interview was added, changed or removed between two states of the board. */
function hasNewInterviews(before, after) {
  if (before === after) return false;
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].some(
    (key) => key.startsWith("interview:") && before.get(key)?.version !== after.get(key)?.version,
  );
}
