// The dialog that shifts the next interviews of a late room: by how many minutes, with a preview,
// and then all at once.

import { isSignedOut } from "../../../project/api.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { rules } from "../../rules.js";
import { offerUndo } from "../actions/interview-actions.js";
import { errorText, showRefusal } from "../util/refusal.js";

const STEP_MINUTES = 5;

/** The initial state of the dialog: room, first start to shift, and minutes. */
export function newShift(item) {
  const { room, affected, shift } = item;
  return {
    room,
    from: affected[0].starts_at,
    minutes: shift,
    moved: null,
    reason: "",
    error: "",
    isBusy: false,
  };
}

/**
 * Asks the server which interviews would be shifted, and shows them with `error`. A late answer to
 * older input is ignored.
 */
export async function previewShift(app, error = "") {
  const asked = app.shift;
  const answer = await post(app, asked, true);
  if (app.shift?.minutes !== asked.minutes || app.shift.room !== asked.room) return;
  if (isSignedOut(answer)) showRefusal(app, answer);
  app.shift = answer.ok
    ? { ...app.shift, moved: answer.body.moved, error }
    : { ...app.shift, moved: [], error: errorText(answer, app.t) };
  app.refresh();
}

function post(app, { room, minutes, from, reason }, isPreview) {
  const data = { minutes, from, dry_run: isPreview, override_reason: reason };
  return app.api.post(`rooms/${room.id}/shift/`, data);
}

async function send(app) {
  const { shift } = app;
  app.setShift({ isBusy: true });
  const answer = await post(app, shift, false);
  if (isSignedOut(answer)) {
    app.setShift({ isBusy: false });
    showRefusal(app, answer);
    return;
  }
  if (!answer.ok) {
    const error = errorText(answer, app.t);
    app.setShift({ isBusy: false, error });
    await previewShift(app, error); // it names new conflicts, and asks for the reason
    return;
  }
  app.closeShift();
  const [{ key, version }, ...others] = answer.body.moved;
  const id = Number(key.split(":")[1]);
  const text = app.t("done_shift", { room: shift.room.name, minutes: shift.minutes });
  for (const other of others) app.steps.drop(other.key); // which the undo changes once more
  offerUndo(app, text, { key, id, from: version - 1, version });
}

export function shiftView(app) {
  const { t, shift } = app;
  if (!shift) return nothing;
  const by = (step) => () => setMinutes(app, shift.minutes + step);
  const submit = (event) => {
    event.preventDefault();
    send(app);
  };
  return html`<form class="ask" @submit=${submit}>
    <h2 id="shift-title">${t("shift_title", { room: shift.room.name })}</h2>
    <div class="field"><label for="shift-minutes">${t("shift_minutes")}</label>
      <div class="row stepper">
        <button type="button" class="button" aria-label="−${STEP_MINUTES}" @click=${by(-STEP_MINUTES)}>−</button>
        <input id="shift-minutes" type="number" min=${-rules.shift_limit_minutes} max=${rules.shift_limit_minutes} required
          .value=${String(shift.minutes)} @change=${({ target }) => typed(app, target)}>
        <button type="button" class="button" aria-label="+${STEP_MINUTES}" @click=${by(STEP_MINUTES)}>+</button>
      </div></div>
    <h3>${t("shift_preview")}</h3>
    ${movedView(app, shift)} ${reasonView(app, shift)}
    ${shift.error ? html`<p class="bad" role="alert">${shift.error}</p>` : nothing}
    <div class="row ask-foot">
      <button class="button primary" ?disabled=${shift.isBusy || !shift.moved?.length}
        >${t("shift_send", { minutes: shift.minutes })}</button>
      <button type="button" class="button quiet" @click=${() => app.closeShift()}>${t("keep")}</button>
    </div>
  </form>`;
}

function movedView({ t, clock }, { moved }) {
  if (moved === null) return html`<p class="muted" aria-busy="true">…</p>`;
  return html`<ul class="moved">
    ${moved.map(
      (one) => html`<li><b>${one.candidate}</b><span><del>${clock.time(one.starts_at)}</del>
        → <ins>${clock.time(one.new_starts_at)}</ins></span>
        ${one.must_confirm ? html`<span class="chip warn">${t("shift_must_confirm")}</span>` : nothing}
        ${one.warnings.map((warning) => html`<p class="small bad">${warning.text}</p>`)}</li>`,
    )}
  </ul>`;
}

/** The reason that confirms the warnings of the preview. */
function reasonView(app, { moved, reason }) {
  if (!moved?.some((one) => one.warnings.length)) return nothing;
  return html`<div class="field"><label for="shift-reason">${app.t("form_override")}</label>
    <input id="shift-reason" required maxlength=${rules.reason_length} autocomplete="off"
      .value=${reason} @input=${({ target }) => app.setShift({ reason: target.value })}>
    <span class="help">${app.t("form_override_help")}</span></div>`;
}

function typed(app, field) {
  setMinutes(app, field.valueAsNumber);
  field.value = app.shift.minutes; // restores the last valid number
}

function setMinutes(app, minutes) {
  if (!minutes || Math.abs(minutes) > rules.shift_limit_minutes) return;
  app.setShift({ minutes, moved: null });
  previewShift(app);
}
