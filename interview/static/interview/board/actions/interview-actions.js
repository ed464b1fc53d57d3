// Doing something to an interview: ask the server, say what came of it, offer to take it back.
// Nothing is cardView ahead of the answer: the stream brings the new card at once.

import { showToast } from "../../../project/toast.js";
import { errorText } from "../util/api.js";

const CONFLICT = 409;
const REFUSED = 400;

/**
 * Ask for an action on a card as it is held here. True when it was done.
 * @param {object} app
 * @param {object} card the row that was looked at: its version decides
 * @param {string} action as in the API: check-in, start, reassign…
 */
export async function act(app, card, action, data = {}) {
  if (app.busy.has(card.key)) return false;
  app.busy.add(card.key);
  app.refresh();
  const path = `interviews/${card.id}/${action}/`;
  const answer = await app.api.post(path, { version: card.version, ...data });
  app.busy.delete(card.key);
  if (answer.ok) succeeded(app, card, action, answer.body);
  else if (answer.status === CONFLICT) conflicted(app, card, action, data, answer.body);
  else refused(app, answer);
  app.refresh();
  return answer.ok;
}

function succeeded(app, card, action, row) {
  app.conflict = null;
  app.form = null;
  const text = app.t(`done_${action}`, { candidate: card.candidate });
  if (action === "undo") {
    app.last = null;
    showToast({ text });
    return;
  }
  offerUndo(app, text, { key: card.key, id: card.id, version: row.version });
}

/** Tell what was done, with the way back; `z` takes the same way. */
export function offerUndo(app, text, step) {
  app.last = { ...step, candidate: app.rows.get(step.key)?.candidate ?? "" };
  const action = { label: app.t("undo"), run: () => undo(app, step) };
  showToast({ text, tone: "success", action });
}

/** Take back a step that was made here, unless something has happened since. */
export function undo(app, step = app.last) {
  if (!step) {
    showToast({ text: app.t("nothing_to_undo") });
    return;
  }
  const card = app.rows.get(step.key);
  if (card) act(app, { ...card, version: step.version }, "undo");
}

function conflicted(app, card, action, data, body) {
  const seen = card.version === app.rows.get(card.key)?.version ? card : (app.form?.base ?? card);
  app.open(card.key);
  app.conflict = { key: card.key, action, data, seen, now: body.current };
}

function refused(app, answer) {
  const errors = answer.body?.errors ?? {};
  if (answer.status === REFUSED && app.form && Object.keys(errors).length) {
    app.form = { ...app.form, errors };
    return;
  }
  showToast({ text: errorText(answer, app.t), tone: "error" });
}

/** Whether the state machine lets a card take this action. */
export function mayTake(app, card, action) {
  const transition = app.config.transitions[action];
  return transition === undefined || transition.from.includes(card.status);
}
