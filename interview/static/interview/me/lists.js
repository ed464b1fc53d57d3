// The lists below the next interview: scorecards due, today, later days, and interviews that were
// never finished.

import { dayOf } from "../../realtime/time-zone.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { hasEnded } from "../rules.js";
import { byDay, dayOfRow, isDelayed, isOpen, overdueHours } from "./interviewer-day.js";

const DAY_HOURS = 24;
const DAY_MS = DAY_HOURS * 3_600_000;

export function arrivedBanners(rows, { i18n }) {
  return repeat(
    rows,
    (row) => row.key,
    (row) => html`
      <div class="arrived">
        <span class="dot"></span>
        <div>
          <strong>${i18n.t("arrived", row)}</strong>
          <p class="muted small">${i18n.t("arrived.where", { time: i18n.time(row.arrived_at), room: row.room })}</p>
        </div>
      </div>`,
  );
}

export const dueList = (rows, page) =>
  section(page.i18n.t("due"), html`<span class="chip warn">${rows.length}</span>`, rows, (row) =>
    item(row, page, dueAside(row, page)),
  );

export function todayList(rows, page) {
  const left = page.i18n.t("today.left", { number: rows.length });
  return section(page.i18n.t("today"), html`<span class="faint">${left}</span>`, rows, (row) =>
    item(row, page, answerAside(row, page)),
  );
}

/** Today's past interviews, collapsed, latest first. */
export function overList(rows, page) {
  if (!rows.length) return nothing;
  return html`
    <details class="over">
      <summary class="section-title"><span>${page.i18n.t("over")}</span><span class="faint">${rows.length}</span></summary>
      <ul class="items card">${repeat(
        [...rows].reverse(),
        (row) => row.key,
        (row) => item(row, page, answerAside(row, page)),
      )}</ul>
    </details>`;
}

export const laterLists = (rows, page) =>
  byDay(rows).map(([day, group]) =>
    section(page.i18n.day(day), nothing, group, (row) => item(row, page, answerAside(row, page))),
  );

export const notFinishedList = (rows, page) => html`
  ${section(page.i18n.t("left_open"), nothing, rows, (row) =>
    item(row, page, html`<a class="button" href=${row.url}>${page.i18n.t("details")}</a>`),
  )}
  ${rows.length ? html`<p class="faint small">${page.i18n.t("left_open.help")}</p>` : nothing}`;

function section(title, aside, rows, template) {
  if (!rows.length) return nothing;
  return html`
    <h2 class="section-title"><span>${title}</span>${aside}</h2>
    <ul class="items card">${repeat(rows, (row) => row.key, template)}</ul>`;
}

function item(row, page, aside) {
  const { i18n } = page;
  const isOver = hasEnded(row);
  return html`
    <li class="item ${isOver ? "past" : ""}" data-key=${row.key}>
      ${when(row, page)}
      <div>
        <a href=${row.url}>${row.candidate}</a>
        <small>${row.job} · ${i18n.inLanguage(row, "round_name")} · ${row.room}${
          row.mine.scorecard === "draft" ? ` · ${i18n.t("due.draft")}` : ""
        }${isDelayed(row, page.now) ? ` · ${i18n.t("expected", { time: i18n.time(row.expected_at) })}` : ""}</small>
      </div>
      ${aside}
    </li>`;
}

function when(row, { i18n, now }) {
  const day = dayOfRow(row);
  const isPast = day < dayOf(now);
  const wasYesterday = day === dayOf(new Date(now - DAY_MS));
  const text = wasYesterday ? i18n.t("yesterday") : i18n.shortDay(row.starts_at);
  return html`<time datetime=${row.starts_at}>${isPast ? text : i18n.time(row.starts_at)}</time>`;
}

function dueAside(row, page) {
  const { i18n } = page;
  const hours = overdueHours(row, page.now);
  const days = Math.floor(hours / DAY_HOURS);
  const late = days
    ? i18n.t("due.overdue_days", { number: days })
    : i18n.t("due.overdue_hours", { number: hours });
  const label = row.mine.scorecard === "draft" ? "due.continue" : "due.write";
  return html`<span class="aside">${hours ? html`<span class="chip alert">${late}</span>` : nothing}
    <a class="button" href=${row.mine.scorecard_url}>${i18n.t(label)}</a></span>`;
}

function answerAside(row, page) {
  const { i18n } = page;
  if (!isOpen(row) || row.status === "in_progress" || row.status === "arrived") {
    return html`<span class="status" data-status=${row.status}><span class="dot"></span>${i18n.t(`status.${row.status}`)}</span>`;
  }
  if (row.mine.response !== "pending") {
    const tone = row.mine.response === "declined" ? "alert" : "";
    return html`<span class="chip ${tone}">${i18n.t(`response.${row.mine.response}`)}</span>`;
  }
  return html`<button type="button" class="button" data-action="accept" ?disabled=${page.isBusy(row)}
    @click=${() => page.act(row, "accept")}>${i18n.t("act.accept")}</button>`;
}
