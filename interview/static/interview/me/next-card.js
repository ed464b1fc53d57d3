// The card of the next interview, with everything the interviewer needs on the way to it.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { isDelayed, startOf } from "./interviewer-day.js";
import { nextActions } from "./next-actions.js";

const MINUTE_MS = 60_000;

export function nextCard(row, page) {
  const { i18n } = page;
  return html`
    <section class="card next" data-status=${row.status} data-key=${row.key}>
      <p class="when">
        <span><time datetime=${row.starts_at}>${i18n.time(row.starts_at)}</time> – ${i18n.time(row.ends_at)}</span>
        ${countdown(row, page)}
      </p>
      <h2><a href=${row.url}>${row.candidate}</a></h2>
      <p class="muted">${row.job} · ${i18n.inLanguage(row, "round_name")}</p>
      ${warnings(row, page)} ${facts(row, page)} ${nextActions(row, page)}
    </section>`;
}

function countdown(row, { i18n, now }) {
  if (row.status === "in_progress") return remaining(row, i18n, now);
  const start = isDelayed(row, now) ? new Date(row.expected_at) : startOf(row);
  const minutes = Math.round((start.getTime() - now) / MINUTE_MS);
  const when = i18n.away(start, now);
  if (minutes < 0) return html`<span class="count over">${i18n.t("next.late", { when })}</span>`;
  if (minutes === 0) return html`<span class="count">${i18n.t("next.now")}</span>`;
  return html`<span class="count">${i18n.t("next.starts", { when })}</span>`;
}

// A running interview takes its planned length, however late it started.
function remaining(row, i18n, now) {
  const begun = new Date(row.started_at ?? row.starts_at);
  const length = Date.parse(row.ends_at) - Date.parse(row.starts_at);
  const minutes = Math.round((begun.getTime() + length - now) / MINUTE_MS);
  const key = minutes < 0 ? "next.over" : "next.left";
  const tone = minutes < 0 ? "count over" : "count running";
  return html`<span class=${tone}>${i18n.t(key, { minutes: Math.abs(minutes) })}</span>`;
}

function warnings(row, { i18n, now }) {
  const lines = [];
  if (isDelayed(row, now) && !row.mine.late_minutes) {
    lines.push(i18n.t("next.expected", { time: i18n.time(row.expected_at) }));
  }
  if (row.flags.includes("clash")) lines.push(i18n.t("flag.clash"));
  if (row.flags.includes("declined")) lines.push(i18n.t("flag.declined"));
  return lines.map((line) => html`<p class="warning small">${line}</p>`);
}

function facts(row, page) {
  const { i18n, user } = page;
  const partners = row.assignments
    .filter((one) => one.id !== user.id && one.response !== "declined")
    .map((one) => one.name);
  const { school, major, degree, city } = row.briefing;
  const background = [school, major, degree, city].filter(Boolean).join(" · ");
  const criteria = row.criteria.map((one) => i18n.inLanguage(one, "name"));
  return html`
    <dl>
      <dt>${i18n.t("fact.place")}</dt>
      <dd>${row.room}${row.directions ? html` <span class="muted">· ${row.directions}</span>` : nothing}
        ${row.meeting_url ? html`<a href=${row.meeting_url} rel="noreferrer" target="_blank">${i18n.t("fact.link")}</a>` : nothing}</dd>
      ${row.resume_url ? html`<dt>${i18n.t("fact.resume")}</dt><dd><a href=${row.resume_url}>${i18n.t("fact.resume_open")}</a></dd>` : nothing}
      <dt>${i18n.t("fact.partners")}</dt>
      <dd>${partners.length ? i18n.list(partners) : i18n.t("fact.alone")}</dd>
      ${background ? html`<dt>${i18n.t("fact.briefing")}</dt><dd>${background}</dd>` : nothing}
      ${criteria.length ? html`<dt>${i18n.t("fact.criteria")}</dt><dd>${i18n.list(criteria)}</dd>` : nothing}
    </dl>`;
}
