// Takes an action on an interview: sends it to the API, shows the result in a toast and offers
// undo. Nothing is drawn before the answer; the stream brings the changed card.

import { isSignedOut } from "../../../project/api.js";
import { showToast } from "../../../project/toast.js";
import { namesText } from "../util/format.js";
import { showRefusal } from "../util/refusal.js";

/** Actions that ask for a time, people or a reason. */
export const NEEDS_FORM = ["reschedule", "reassign", "excuse", "no-show", "cancel"];
const CONFLICT = 409;
const REFUSED = 400;
const TOO_MANY = 429;
const SERVER_FAILED = 500;

/**
 * Takes an action on an interview, decided on the version of `card`. Returns whether the server
 * did it.
 *
 * The stream may bring the changed card before the answer to its request arrives, so a person can
 * take the next action while the first is under way. It is sent after that answer, unless the first
 * was refused. The same action twice is taken once.
 * @param {App} app
 * @param {InterviewCard} card the row as this page holds it
 * @param {string} action its name in the API, such as check-in or reassign
 * @param {object} data the other fields of the request
 */
export async function act(app, card, action, data = {}) {
  const earlier = app.busy.get(card.key);
  if (earlier?.action === action) return false;
  const request = { action, isDone: takeAfter(earlier, app, card, action, data) };
  app.busy.set(card.key, request);
  app.refresh();
  const isDone = await request.isDone;
  if (app.busy.get(card.key) === request) app.busy.delete(card.key);
  app.refresh();
  return isDone;
}

async function takeAfter(earlier, app, card, action, data) {
  if (earlier && !(await earlier.isDone)) return false;
  const path = `interviews/${card.id}/${action}/`;
  const answer = await app.api.post(path, { version: card.version, ...data });
  if (answer.ok) onSuccess(app, card, action, answer.body);
  else if (answer.status === CONFLICT) onConflict(app, card, action, data, answer.body);
  else onRefused(app, card, action, answer);
  return answer.ok;
}

function onSuccess(app, card, action, row) {
  app.conflict = null;
  app.form = null;
  const text = app.t(`done_${action}`, { candidate: card.candidate });
  if (action === "undo") {
    app.steps.undone(card.key, card.version, row.version);
    showToast({ text: undoneText(app, card, row.told) });
    return;
  }
  const { key, id, version } = card;
  offerUndo(app, text, { key, id, from: version, version: row.version });
}

/** Says what was undone, and who had been told of it before. */
function undoneText(app, { candidate }, told) {
  if (!told.length) return app.t("done_undo", { candidate });
  return app.t("done_undo_told", { candidate, names: namesText(told, app.config.language) });
}

/** Shows what was done, with an Undo button. The shortcut `z` undoes one step after the other. */
export function offerUndo(app, text, taken) {
  const step = { ...taken, candidate: app.cardOf(taken.key)?.candidate ?? "" };
  const action = { label: app.t("undo"), run: () => undo(app, step) };
  const message = showToast({ text, tone: "success", action });
  app.steps.push({ ...step, forget: message.removeAction });
}

let lastUndo = Promise.resolve();

/**
 * Undoes a step taken on this page, unless the interview has changed since. Without `step` it
 * undoes the newest, after the answers that are awaited. Undoes follow each other.
 */
export function undo(app, step = null) {
  const next = () => undoNow(app, step);
  lastUndo = lastUndo.then(next, next);
}

async function undoNow(app, step) {
  if (!step) await Promise.all([...app.busy.values()].map((request) => request.isDone));
  const undone = step ?? app.steps.newest();
  if (!undone) {
    showToast({ text: app.t("nothing_to_undo") });
    return;
  }
  // A card that was moved to another day is not on this one any more.
  await act(app, { ...(app.cardOf(undone.key) ?? undone), version: undone.version }, "undo");
}

function onConflict(app, card, action, data, body) {
  if (action === "undo") app.steps.drop(card.key);
  const seen = card.version === app.cardOf(card.key)?.version ? card : (app.form?.base ?? card);
  app.open(card.key);
  app.conflict = { key: card.key, action, data, seen, now: body.current };
}

function onRefused(app, card, action, answer) {
  const errors = answer.body?.errors ?? {};
  if (action === "undo") {
    if (!app.form && isConfirmable(errors)) app.openForm(card, "undo");
    else if (isFinal(answer)) app.steps.drop(card.key); // else it would stop those of other cards
  }
  const isOfForm = app.form?.key === card.key && app.form.action === action;
  if (answer.status === REFUSED && isOfForm && Object.keys(errors).length) {
    app.form = { ...app.form, errors };
    return;
  }
  showRefusal(app, answer);
}

/** True if the same request would be refused again. */
function isFinal(answer) {
  const { status } = answer;
  const isRefused = status >= REFUSED && status < SERVER_FAILED && status !== TOO_MANY;
  return isRefused && !isSignedOut(answer);
}

/** True if a reason would confirm all that was refused: conflicts of people, but no taken room. */
function isConfirmable(errors) {
  const fields = Object.keys(errors);
  return fields.length > 0 && fields.every((name) => ["candidate", "interviewers"].includes(name));
}

/** Takes an action, or opens its form if it asks for more than a click. */
export function takeOrAsk(app, card, action) {
  if (NEEDS_FORM.includes(action)) app.openForm(card, action);
  else act(app, card, action);
}

/** True if the state machine allows this action in the card's status. */
export function mayTake(app, card, action) {
  const transition = app.config.transitions[action];
  return transition === undefined || transition.from.includes(card.status);
}
