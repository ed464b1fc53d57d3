// The list of what needs action: each item is a sentence with the buttons that fix it.

import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { isSettled } from "../../rules.js";
import { grouped, hasNoAssessor, isSnoozed } from "../model/action-items.js";
import { namesText, spanText } from "../util/format.js";
import { roundName } from "./card.js";
import { contactsButton, foundContactsView } from "./contacts.js";
import { fixesView } from "./fixes.js";
import { followUpMenu, followUpView } from "./follow-up.js";

const LATER = "action_tomorrow";
const SNOOZED = "action_snoozed";
const APART = new Set([LATER, SNOOZED]); // groups that are no flags
const MAX_SUGGESTED = 4; // items that name a suggested interviewer; each asks the server

export function actionListView(app, viewModel) {
  const { t } = app;
  const { now, later, snoozed } = byTime(viewModel);
  return html`<h2 class="section-title"><span>${t("action_list")}</span
      ><span class="count" data-count=${now.length}>${now.length || ""}</span></h2>
    ${now.length ? itemsView(app, viewModel, now) : allClearView(app)}
    ${apartView(app, viewModel, SNOOZED, snoozed)} ${apartView(app, viewModel, LATER, later)}`;
}

/** The items to act on now, those of the day after, and those put off. */
function byTime({ actionItems, day, now }) {
  const isLater = (item) => item.card?.day > day;
  const due = actionItems.filter((item) => !isSnoozed(item, now));
  return {
    now: due.filter((item) => !isLater(item)),
    later: due.filter(isLater),
    snoozed: actionItems.filter((item) => isSnoozed(item, now)),
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

/** Items that can wait, in a closed group that is not counted. */
function apartView(app, viewModel, kind, items) {
  if (items.length === 0) return nothing;
  return html`<ul class="action-items later">
    ${groupView(app, viewModel, { kind, group: items })}
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
    <summary><b>${app.t(APART.has(kind) ? kind : `flag_${kind}`)}</b><span class="chip warn">${group.length}</span></summary>
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
  return html`<article class="action-item card ${item.tone}" data-action-item=${item.kind}>
    <header>
      <button type="button" class="link action-title" @click=${() => app.open(item.target.key)}
        >${titleOf(app, item)}</button>
      <span class="faint age">${ageOf(app, viewModel, item)}</span>
    </header>
    <p>${sentenceOf(app, item)}</p>
    ${followUpView(app, item)}
    <div class="row">${fixesView(app, item, viewModel.actionItems.indexOf(item) < MAX_SUGGESTED)}
      ${item.card ? contactsButton(app, item.card) : nothing} ${followUpMenu(app, item)}</div>
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
