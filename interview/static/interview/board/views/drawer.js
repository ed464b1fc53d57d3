// The card drawer: everything about one interview, with its actions.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { dayOfCard, forgetDayOfCard } from "../util/other-days.js";
import { openByView } from "./avatars.js";
import { cardText, flagsView, roundName, statusView, timesText } from "./card.js";
import { contactsView } from "./contacts.js";
import { actionsView } from "./drawer-actions.js";
import { formView } from "./forms.js";
import { messagesView, noticesView, timelineView } from "./timeline.js";
import { conflictView } from "./version-conflict.js";

export function drawerView(app) {
  const { t } = app;
  const card = app.rows.get(app.urlState.card);
  if (!card) return app.isReady ? elsewhereView(app) : nothing;
  forgetDayOfCard(app);
  const hasForm = app.form?.key === card.key;
  return html`<article class="sheet" data-status=${card.status} aria-label=${cardText(app, card)}>
    <header class="sheet-head">
      <div>
        <p class="eyebrow">${card.room} · ${timesText(app, card)}</p>
        <h2 id="drawer-title" tabindex="-1" autofocus>${card.candidate}</h2>
        <p class="muted">${card.job} · ${roundName(app, card)}</p>
      </div>
      ${openByView(app, card)}
      <button class="button quiet close" aria-label=${t("close")} @click=${() => app.close()}>×</button>
    </header>
    <div class="sheet-body">
      <p class="row states">${statusView(app, card)} ${flagsView(app, card)}</p>
      ${conflictView(app, card)}
      ${hasForm ? formView(app, card) : actionsView(app, card)}
      ${contactsView(app, card)} ${factsView(app, card)} ${peopleView(app, card)} ${timelineView(app)}
      ${noticesView(app)}
      ${messagesView(app)}
    </div>
    <footer class="sheet-foot"><a href=${card.url}>${t("full_page")} →</a></footer>
  </article>`;
}

/** Of a card that is on another day, as after a move, or on none. */
function elsewhereView(app) {
  const { t, clock } = app;
  const day = dayOfCard(app, app.urlState.card);
  if (day === undefined) return nothing;
  const title = day ? t("on_day", { day: clock.dayText(day) }) : t("gone");
  return html`<div class="sheet"><header class="sheet-head">
      <h2 id="drawer-title" tabindex="-1">${title}</h2>
      <button class="button quiet close" aria-label=${t("close")} @click=${() => app.close()}>×</button>
    </header>
    ${
      day
        ? html`<div class="sheet-body"><button type="button" class="button primary"
            @click=${() => app.navigate({ day })}>${t("go_there")}</button></div>`
        : nothing
    }</div>`;
}

function factsView(app, card) {
  const { t, clock } = app;
  const time = (moment) => (moment ? clock.time(moment) : null);
  const facts = [
    ["when", `${clock.dayText(card.day)}, ${timesText(app, card)}`],
    ["where", whereText(app, card)],
    ["expected_at", time(card.expected_at)],
    ["arrived_at", time(card.arrived_at)],
    ["started_at", time(card.started_at)],
    ["finished_at", time(card.finished_at)],
    ["side", card.side && t(`side_${card.side}`)],
    ["reason", card.reason],
  ];
  return html`<section><h3>${t("details")}</h3>
    <dl class="facts">
      ${facts
        .filter(([, value]) => value)
        .map(([name, value]) => html`<dt>${t(name)}</dt><dd>${value}</dd>`)}
    </dl>
  </section>`;
}

function whereText(app, card) {
  const directions = app.rows.get(`room:${card.room_id}`)?.directions;
  return directions ? `${card.room} · ${directions}` : card.room;
}

const TONES = { pending: "", accepted: "ok", declined: "alert" };
const CARD_TONES = { none: "", draft: "warn", submitted: "ok", dismissed: "" };

function peopleView(app, card) {
  const { t } = app;
  const { due, in: submitted } = card.feedback;
  return html`<section>
    <h3>${t("people")}<span class="faint">${t("scorecards")}:
      ${t("feedback_count", { due, in: submitted })}</span></h3>
    <ul class="people">
      ${card.assignments.map(
        (one) => html`<li><b>${one.name}</b>
          <span class="chip ${TONES[one.response]}">${t(`response_${one.response}`)}</span>
          ${
            one.late_minutes
              ? html`<span class="chip warn">${t("late_by", { minutes: one.late_minutes })}</span>`
              : nothing
          }
          <span class="spring"></span>
          <span class="chip ${CARD_TONES[one.scorecard]}">${t(`scorecard_${one.scorecard}`)}</span>
          ${one.decline_reason ? html`<p class="muted small">“${one.decline_reason}”</p>` : nothing}
        </li>`,
      )}
    </ul>
  </section>`;
}
