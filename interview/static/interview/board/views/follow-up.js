// Who deals with an action item: "I'm on it", shown to every coordinator, and putting it off.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { followUpOf, isSnoozed } from "../model/action-items.js";
import { showRefusal } from "../util/refusal.js";

const SNOOZE_MINUTES = [10, 30, 60];

/** Says who deals with the item, or until when it is put off. */
export function followUpView(app, item) {
  const followUp = followUpOf(item, app.now());
  if (!followUp) return nothing;
  const { t, clock } = app;
  const values = {
    name: followUp.by,
    time: followUp.snoozed_until && clock.time(followUp.snoozed_until),
  };
  const isOwn = followUp.by_id === app.config.user.id;
  const text = isSnoozed(item, app.now()) ? "snoozed_by" : isOwn ? "follow_up_own" : "follow_up_by";
  return html`<p class="follow-up"><span class="chip ${isOwn ? "ok" : ""}">${t(text, values)}</span></p>`;
}

/** A menu to take the item over, to put it off, or to give it back. */
export function followUpMenu(app, item) {
  const { t } = app;
  const followUp = followUpOf(item, app.now());
  const isOwn = followUp?.by_id === app.config.user.id;
  return html`<details class="menu follow-up-menu">
    <summary class="button small" aria-label=${t("follow_up_menu")} title=${t("follow_up_menu")}>⋯</summary>
    <div class="menu-panel">
      ${isOwn && !followUp.snoozed_until ? nothing : entry(t("follow_up"), () => save(app, item))}
      ${SNOOZE_MINUTES.map((minutes) =>
        entry(t("snooze", { minutes }), () => save(app, item, minutes)),
      )}
      ${followUp ? entry(t("follow_up_end"), () => end(app, item)) : nothing}
    </div>
  </details>`;
}

function entry(label, run) {
  const choose = (event) => {
    const menu = event.target.closest("details");
    menu.querySelector("summary").focus(); // the entry disappears
    menu.open = false;
    run();
  };
  return html`<button type="button" class="menu-item" @click=${choose}>${label}</button>`;
}

async function save(app, { kind, target }, minutes = null) {
  const data = { flag: kind, ...(minutes && { snooze_minutes: minutes }) };
  await send(app, target, data);
}

const end = (app, { target }) => send(app, target, { flag: "" });

async function send(app, { id }, data) {
  const answer = await app.api.post(`interviews/${id}/follow-up/`, data);
  if (!answer.ok) showRefusal(app, answer);
}
