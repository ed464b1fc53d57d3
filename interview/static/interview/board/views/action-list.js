// The list of what needs action: each item is a sentence with the buttons that fix it.

import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { isSettled } from "../../rules.js";
import { grouped, hasNoAssessor } from "../model/action-items.js";
import { namesText, spanText } from "../util/format.js";
import { roundName } from "./card.js";
import { contactsButton, foundContactsView } from "./contacts.js";
import { fixesView } from "./fixes.js";

const LATER = "action_tomorrow"; // kind of the group of tomorrow's items
const MAX_SUGGESTED = 4; // items that name a suggested interviewer; each asks the server

export function actionListView(app, viewModel) {
  const { t } = app;
  const { now, later } = byDay(viewModel);
  return html`<h2 class="section-title"><span>${t("action_list")}</span
      ><span class="count" data-count=${now.length}>${now.length || ""}</span></h2>
    ${now.length ? itemsView(app, viewModel, now) : allClearView(app)}
    ${later.length ? laterView(app, viewModel, later) : nothing}`;
}

/** The items of the shown day and what earlier days still owe, and those of the day after. */
function byDay({ actionItems, day }) {
  const isLater = (item) => item.card?.day > day;
  return {
    now: actionItems.filter((item) => !isLater(item)),
    later: actionItems.filter(isLater),
  };
}

function itemsView(app, viewModel, items) {
  return html`<ul class="action-items">
    ${repeat(
      grouped(items),
      (item) => item.key,
      (item) =>
        item.group
          ? groupView(app, viewModel, item)
          : html`<li>${itemView(app, viewModel, item)}</li>`,
    )}
  </ul>`;
}

/** What is wrong with tomorrow: apart, because it can wait. */
function laterView(app, viewModel, items) {
  return html`<ul class="action-items later">
    ${groupView(app, viewModel, { kind: LATER, group: items })}
  </ul>`;
}

// An outdated page must not claim that nothing needs action.
function allClearView({ t, isReady, link }) {
  if (!isReady || link.name !== "live") return nothing;
  return html`<div class="calm"><span class="tick" aria-hidden="true">✓</span>
    <strong>${t("action_list_empty")}</strong><p>${t("action_list_empty_hint")}</p></div>`;
}

/** A closed group has no items: they would be half of a large board's page. */
function groupView(app, viewModel, { kind, group }) {
  const isOpen = app.openGroups.has(kind);
  return html`<li><details class="action-group" ?open=${isOpen}
    @toggle=${(event) => app.openGroup(kind, event.target.open)}>
    <summary><b>${app.t(kind === LATER ? LATER : `flag_${kind}`)}</b><span class="chip warn">${group.length}</span></summary>
    <ul class="action-items">
      ${repeat(
        isOpen ? group : [],
        (item) => item.key,
        (item) => html`<li>${itemView(app, viewModel, item)}</li>`,
      )}
    </ul>
  </details></li>`;
}

function itemView(app, viewModel, item) {
  const target = item.card ?? item.cards[0];
  return html`<article class="action-item card ${item.tone}" data-action-item=${item.kind}>
    <header>
      <button type="button" class="link action-title" @click=${() => app.open(target.key)}
        >${titleOf(app, item)}</button>
      <span class="faint age">${ageOf(app, viewModel, item)}</span>
    </header>
    <p>${sentenceOf(app, item)}</p>
    <div class="row">${fixesView(app, item, viewModel.actionItems.indexOf(item) < MAX_SUGGESTED)}
      ${item.card ? contactsButton(app, item.card) : nothing}</div>
    ${item.card ? foundContactsView(app, item.card) : nothing}
  </article>`;
}

function titleOf({ t }, item) {
  if (item.kind !== "room_late") return t(`flag_${item.kind}`);
  return t("action_room_late", { room: item.room.name, minutes: item.minutes });
}

/** The age of an item, or the time at which it will matter. */
function ageOf(app, viewModel, item) {
  if (item.kind === "room_late") return app.t("action_affected", { count: item.affected.length });
  if (item.minutes !== null) return spanText(app.t, item.minutes);
  const day = item.card.day === viewModel.today ? "" : `${app.clock.dayText(item.card.day)} `;
  return day + app.clock.time(item.card.starts_at);
}

function sentenceOf(app, item) {
  if (item.kind === "room_late") return roomSentence(app, item);
  const { card } = item;
  const declined = card.assignments.filter((one) => one.response === "declined");
  const people = item.kind === "declined" ? declined : missingFrom(item, card);
  const said = declined.map((one) => one.decline_reason).find(Boolean);
  const reason = item.kind === "excused" ? card.reason : said;
  return app.t(sentenceKey(item, reason), {
    candidate: card.candidate,
    job: card.job,
    round: roundName(app, card),
    room: card.room,
    time: app.clock.time(card.starts_at),
    people: namesText(
      people.map((one) => one.name),
      app.config.language,
    ),
    reason,
  });
}

function sentenceKey({ kind, card }, reason) {
  if ((kind === "declined" || kind === "excused") && reason) return `action_${kind}_reason`;
  return kind === "feedback_overdue" && hasNoAssessor(card)
    ? "action_nobody_attended"
    : `action_${kind}`;
}

/** The interviewers who still owe something. */
function missingFrom(item, card) {
  const attending = card.assignments.filter((one) => one.response !== "declined");
  if (item.kind !== "feedback_overdue") return attending;
  return attending.filter((one) => !isSettled(one.scorecard));
}

function roomSentence(app, item) {
  const running = item.cards.find((card) => card.status === "in_progress");
  const [next] = item.affected;
  const time = app.clock.time(next.expected_at);
  return app.t("action_room_late_text", {
    running: running.candidate,
    room: item.room.name,
    candidate: next.candidate,
    time,
  });
}
