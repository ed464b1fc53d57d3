// The needs-action lane: each need in a sentence, with the one button that repairs it.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { roundName } from "./card.js";
import { grouped, isNobodys } from "../model/action-items.js";
import { repairsView } from "./fixes.js";
import { namesText, spanText } from "../util/translate.js";

const MOST_SUGGESTED = 4; // needs that name somebody who could step in: each asks the server

export function laneView(app, scene) {
  const { say } = app;
  const { needs } = scene;
  return html`<h2 class="section-title"><span>${say("lane")}</span
      ><span class="count" data-count=${needs.length}>${needs.length || ""}</span></h2>
    ${
      needs.length
        ? html`<ul class="needs">
          ${repeat(
            grouped(needs),
            (need) => need.key,
            (need) =>
              need.group
                ? groupView(app, scene, need)
                : html`<li>${needView(app, scene, need)}</li>`,
          )}
        </ul>`
        : calmView(app)
    }`;
}

// Only who is live may say that all is well.
function calmView({ say, isReady, link }) {
  if (!isReady || link.name !== "live") return nothing;
  return html`<div class="calm"><span class="tick" aria-hidden="true">✓</span>
    <strong>${say("lane_calm")}</strong><p>${say("lane_calm_hint")}</p></div>`;
}

function groupView(app, scene, { kind, group }) {
  return html`<li><details class="need-group">
    <summary><b>${app.say(`flag_${kind}`)}</b><span class="chip warn">${group.length}</span></summary>
    <ul class="needs">
      ${repeat(
        group,
        (need) => need.key,
        (need) => html`<li>${needView(app, scene, need)}</li>`,
      )}
    </ul>
  </details></li>`;
}

function needView(app, scene, need) {
  const target = need.card ?? need.cards[0];
  return html`<article class="need card ${need.tone}" data-need=${need.kind}>
    <header>
      <button type="button" class="link need-title" @click=${() => app.open(target.key)}
        >${titleOf(app, need)}</button>
      <span class="faint age">${ageOf(app, scene, need)}</span>
    </header>
    <p>${sentenceOf(app, need)}</p>
    <div class="row">${repairsView(app, need, scene.needs.indexOf(need) < MOST_SUGGESTED)}</div>
  </article>`;
}

function titleOf({ say }, need) {
  if (need.kind !== "room_late") return say(`flag_${need.kind}`);
  return say("need_room_late", { room: need.room.name, minutes: need.minutes });
}

/** How long it has been so; or when it will matter. */
function ageOf(app, scene, need) {
  if (need.kind === "room_late") return app.say("need_affected", { count: need.affected.length });
  if (need.minutes !== null) return spanText(app.say, need.minutes);
  const day = need.card.day === scene.today ? "" : `${app.clock.dayText(need.card.day)} `;
  return day + app.clock.time(need.card.starts_at);
}

function sentenceOf(app, need) {
  if (need.kind === "room_late") return roomSentence(app, need);
  const { card } = need;
  const declined = card.assignments.filter((one) => one.response === "declined");
  const people = need.kind === "declined" ? declined : owing(need, card);
  const said = declined.map((one) => one.decline_reason).find(Boolean);
  const reason = need.kind === "excused" ? card.reason : said;
  return app.say(sentenceKey(need, reason), {
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
  if ((kind === "declined" || kind === "excused") && reason) return `need_${kind}_reason`;
  return kind === "feedback_overdue" && isNobodys(card) ? "need_nobody_attended" : `need_${kind}`;
}

/** Who has not done his part. */
function owing(need, card) {
  const attending = card.assignments.filter((one) => one.response !== "declined");
  if (need.kind !== "feedback_overdue") return attending;
  return attending.filter((one) => !["submitted", "dismissed"].includes(one.scorecard));
}

function roomSentence(app, need) {
  const holding = need.cards.find((card) => card.status === "in_progress");
  const [next] = need.affected;
  const time = app.clock.time(next.expected_at);
  const holds = app.say("need_overrun", { candidate: holding.candidate, room: need.room.name });
  return `${holds} ${app.say("need_room_late_text", { candidate: next.candidate, time })}`;
}
