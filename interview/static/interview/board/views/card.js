// Texts and flags of an interview card, shared by all views.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { namesText } from "../util/format.js";

/** The round's name in the reader's language: First round or 第一轮. */
export function roundName(app, card) {
  return app.config.language.startsWith("en") ? card.round_name_en : card.round_name;
}

/** Such as 14:30–15:15. */
export function timesText(app, card) {
  return `${app.clock.time(card.starts_at)}–${app.clock.time(card.ends_at)}`;
}

export function peopleText(app, card) {
  return namesText(card.interviewers, app.config.language);
}

const WARNINGS = new Set(["unconfirmed", "feedback_overdue"]);

/** The flags to show: without "late" where another flag implies it. */
function shownFlags({ flags }) {
  const isMissing = flags.includes("candidate_missing") || flags.includes("interviewer_missing");
  return isMissing ? flags.filter((flag) => flag !== "late") : flags;
}

/** The flag to show where there is room for only one. */
export function mostUrgentFlag(card) {
  const flags = shownFlags(card);
  return flags.find((flag) => !WARNINGS.has(flag)) ?? flags[0] ?? null;
}

export const hasAlert = (card) => card.flags.some((flag) => !WARNINGS.has(flag));

/** Everything about a card in one line, for screen readers and tooltips. */
export function cardText(app, card) {
  const { t, clock } = app;
  return [
    card.candidate,
    `${card.job}, ${roundName(app, card)}`,
    `${card.room}, ${timesText(app, card)}`,
    peopleText(app, card),
    statusText(app, card),
    ...card.flags.map((flag) => t(`flag_${flag}`)),
    card.expected_at ? t("expected", { time: clock.time(card.expected_at) }) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

export const statusText = (app, card) => app.config.statuses[card.status];

export function statusView(app, card) {
  return html`<span class="state" data-status=${card.status}>
    <span class="dot" aria-hidden="true"></span><span class="word">${statusText(app, card)}</span>
  </span>`;
}

export function flagsView(app, card) {
  return shownFlags(card).map(
    (flag) => html`<span class="chip ${WARNINGS.has(flag) ? "warn" : "alert"}"
      >${app.t(`flag_${flag}`)}</span>`,
  );
}
