// The lists below the next interview: scorecards due, today, later, left open.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { dayOf } from "../../realtime/time-zone.js";
import { byDay, dayOfRow, isDelayed, isOpen, overdueHours } from "./agenda.js";

const DAY_HOURS = 24;
const DAY_MS = DAY_HOURS * 3_600_000;

export function arrivedBanners(rows, { words }) {
  return repeat(
    rows,
    (row) => row.key,
    (row) => html`
      <div class="arrived">
        <span class="dot"></span>
        <div>
          <strong>${words.say("arrived", row)}</strong>
          <p class="muted small">${words.say("arrived.where", { time: words.time(row.arrived_at), room: row.room })}</p>
        </div>
      </div>`,
  );
}

export const dueList = (rows, page) =>
  section(page.words.say("due"), html`<span class="chip warn">${rows.length}</span>`, rows, (row) =>
    item(row, page, dueAside(row, page)),
  );

export function todayList(rows, page) {
  const left = page.words.say("today.left", { number: rows.length });
  return section(page.words.say("today"), html`<span class="faint">${left}</span>`, rows, (row) =>
    item(row, page, answerAside(row, page)),
  );
}

/** What of today is behind one: folded away, the latest first. */
export function overList(rows, page) {
  if (!rows.length) return nothing;
  return html`
    <details class="over">
      <summary class="section-title"><span>${page.words.say("over")}</span><span class="faint">${rows.length}</span></summary>
      <ul class="items card">${repeat(
        [...rows].reverse(),
        (row) => row.key,
        (row) => item(row, page, answerAside(row, page)),
      )}</ul>
    </details>`;
}

export const laterLists = (rows, page) =>
  byDay(rows).map(([day, group]) =>
    section(page.words.day(day), nothing, group, (row) => item(row, page, answerAside(row, page))),
  );

export const leftOpenList = (rows, page) => html`
  ${section(page.words.say("left_open"), nothing, rows, (row) =>
    item(row, page, html`<a class="button" href=${row.url}>${page.words.say("details")}</a>`),
  )}
  ${rows.length ? html`<p class="faint small">${page.words.say("left_open.help")}</p>` : nothing}`;

function section(title, aside, rows, template) {
  if (!rows.length) return nothing;
  return html`
    <h2 class="section-title"><span>${title}</span>${aside}</h2>
    <ul class="items card">${repeat(rows, (row) => row.key, template)}</ul>`;
}

function item(row, page, aside) {
  const { words } = page;
  const isOver = !isOpen(row) && row.status !== "feedback_due";
  return html`
    <li class="item ${isOver ? "past" : ""}" data-key=${row.key}>
      ${when(row, page)}
      <div>
        <a href=${row.url}>${row.candidate}</a>
        <small>${row.job} · ${words.inLanguage(row, "round_name")} · ${row.room}${
          row.mine.scorecard === "draft" ? ` · ${words.say("due.draft")}` : ""
        }${isDelayed(row, page.now) ? ` · ${words.say("expected", { time: words.time(row.expected_at) })}` : ""}</small>
      </div>
      ${aside}
    </li>`;
}

function when(row, { words, now }) {
  const day = dayOfRow(row);
  const isPast = day < dayOf(now);
  const wasYesterday = day === dayOf(new Date(now - DAY_MS));
  const text = wasYesterday ? words.say("yesterday") : words.shortDay(row.starts_at);
  return html`<time datetime=${row.starts_at}>${isPast ? text : words.time(row.starts_at)}</time>`;
}

function dueAside(row, page) {
  const { words } = page;
  const hours = overdueHours(row, page.now);
  const days = Math.floor(hours / DAY_HOURS);
  const late = days
    ? words.say("due.overdue_days", { number: days })
    : words.say("due.overdue_hours", { number: hours });
  const label = row.mine.scorecard === "draft" ? "due.continue" : "due.write";
  return html`<span class="aside">${hours ? html`<span class="chip alert">${late}</span>` : nothing}
    <a class="button" href=${row.mine.scorecard_url}>${words.say(label)}</a></span>`;
}

function answerAside(row, page) {
  const { words } = page;
  if (!isOpen(row) || row.status === "in_progress" || row.status === "arrived") {
    return html`<span class="status" data-status=${row.status}><span class="dot"></span>${words.say(`status.${row.status}`)}</span>`;
  }
  if (row.mine.response !== "pending") {
    const tone = row.mine.response === "declined" ? "alert" : "";
    return html`<span class="chip ${tone}">${words.say(`response.${row.mine.response}`)}</span>`;
  }
  return html`<button type="button" class="button" data-action="accept" ?disabled=${page.isBusy(row)}
    @click=${() => page.act(row, "accept")}>${words.say("act.accept")}</button>`;
}
