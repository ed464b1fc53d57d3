// Draws the operations page; the first page comes from ops.html.

import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { causes, duration } from "./ops-view-model.js";
import { countQuiet, processes } from "./processes-rows.js";
import { processesView } from "./processes-view.js";
import { timeZone } from "./time-zone.js";

const NO_FAILURES = new Set(["heartbeat", "robot"]); // not among the recent failures

export function openView(page) {
  const { t, count, language, texts, kinds, places, runbooks, silent_ms, alerts } = page;
  const { silent_after, heartbeat_seconds } = page;
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const short = new Intl.DateTimeFormat(language, options);
  const moment = new Intl.DateTimeFormat(language, { ...options, month: "short", day: "numeric" });
  const number = new Intl.NumberFormat(language);
  const time = (at) => html`<time datetime=${at}>${moment.format(new Date(at))}</time>`;
  const words = (key, otherwise) => texts[key] ?? otherwise;

  const lasting = (seconds) => {
    const [unit, length] = duration(seconds);
    return t(unit, { number: length });
  };

  // Status and numbers come every few seconds, so an older one is marked.
  const isOld = (at, now) => now - Date.parse(at) > silent_ms;
  // Nor does a number tell anything about now when the database has just failed.
  const isPast = (standing, now) =>
    isOld(standing.at, now) || standing.failing.includes("database");
  const age = (at, now) => {
    const seconds = Math.max(now - Date.parse(at), 0) / 1000;
    return html`<span class="ops-asof small ${isOld(at, now) ? "ops-old" : "muted"}">${t("as_of", { time: lasting(seconds) })}</span>`;
  };

  const head = ({ standing, source, now }) => html`
    <p class="ops-age small">${age(standing.at, now)}${source === "asked" ? html`<span class="ops-old"> · ${t("asked")}</span>` : nothing}</p>`;

  const consequences = (names) =>
    names.length
      ? html`<p>${t("because")}</p><ul>${names.map((name) => html`<li data-consequence=${name}>${t(`check.${name}`)}</li>`)}</ul>`
      : nothing;

  const blocker = ({ application, pid, seconds }) =>
    html`<li>${t("blocker", { application: application || t("blocker.unnamed"), pid, time: lasting(seconds) })}</li>`;
  const blockers = (found) => (found?.length ? html`<ul>${found.map(blocker)}</ul>` : nothing);

  const problem = ([name, following], { standing, now }) => html`
    <li class="ops-problem" data-problem=${name}><strong>${t(`check.${name}`)}</strong>${
      name === "tables" ? blockers(standing.blockers) : nothing
    }<p>${t(`remedy.${name}`)}</p>${
      runbooks[name] ? html`<a href=${runbooks[name]}>${t("runbook")}</a>` : nothing
    }${consequences(following)}${isOld(standing.checkedAt[name] ?? standing.at, now) ? html`<p>${age(standing.checkedAt[name] ?? standing.at, now)}</p>` : nothing}</li>`;

  const unanswered = ({ standing, now }) => html`
    <li class="ops-problem"><strong>${t("unanswered")}</strong><p>${t("unanswered.help")} ${age(standing.at, now)}</p></li>`;

  const problems = (shown) => {
    const { standing, source } = shown;
    const found = causes(standing);
    const isSilent = source === "nobody";
    const unknown = standing.unknown.length;
    return html`<section class="ops-problems" aria-labelledby="ops-problems">
      <h2 id="ops-problems">${count("troubled", found.length + Number(isSilent))}</h2>
      <ul class="items card">${isSilent ? unanswered(shown) : nothing}${repeat(
        found,
        ([name]) => name,
        (one) => problem(one, shown),
      )}</ul>
      ${unknown ? html`<p class="ops-unknown muted small">${count("unknown", unknown)}</p>` : nothing}</section>`;
  };

  const good = (title, help, changed = "") => html`
    <section class="ops-fine card ${changed}"><span class="dot"></span>
      <div><h2>${title}</h2><p class="muted">${help}</p></div></section>`;

  const verdict = (shown) => {
    const { standing, source, rows } = shown;
    if (standing.failing.length || source === "nobody") return problems(shown);
    if (isOld(standing.at, shown.now)) return good(t("stale"), t("stale.help"), "ops-quiet");
    const unknown = standing.unknown.length;
    if (unknown) return good(count("unknown", unknown), t("unknown.help"), "ops-quiet");
    const shownRows = processes(rows, kinds, standing.heartbeats, silent_after);
    const quiet = countQuiet(shownRows, heartbeat_seconds);
    if (quiet) return good(count("quiet", quiet), t("quiet.help"), "ops-quiet");
    return good(t("fine"), t("fine.help"));
  };

  const queue = ({ name, length }) =>
    html`<dd class="ops-queue"><span>${name}</span><strong>${number.format(length)}</strong></dd>`;
  const unknown = html`<dd class="muted small">${t("unknown")}</dd>`;
  const figure = (text) => html`<dd class="ops-figure">${text}</dd>`;
  const scheduled = ({ schedule_seconds: seconds, schedule_has_run: hasRun }) => {
    if (hasRun === null) return html`${figure("–")}${unknown}`;
    const text = hasRun ? t("ago", { time: lasting(seconds) }) : t("never");
    return html`${figure(text)}<dd class="muted small">${t("schedule.help")}</dd>`;
  };
  const vitals = ({ standing, now }) => {
    const { oldest_seconds: oldest, pending, queues } = standing;
    const since = html`<dd>${age(standing.at, now)}</dd>`;
    return html`<dl class="ops-vitals ${isPast(standing, now) ? "ops-past" : ""}">
      <div class="card"><dt>${t("lag")}</dt>${figure(oldest === null ? "–" : lasting(oldest))}
        ${pending === null ? unknown : html`<dd class="muted small">${count("pending", pending)}</dd>`}${since}</div>
      <div class="card"><dt>${t("schedule")}</dt>${scheduled(standing)}${since}</div>
      <div class="card"><dt>${t("queues")}</dt>
        ${queues === null ? html`${figure("–")}${unknown}` : queues.map(queue)}${since}</div>
    </dl>`;
  };

  // Whether a process runs is not known from a status of a minute ago.
  const living = ({ rows, standing, now }) => {
    const heartbeats = isPast(standing, now) ? null : standing.heartbeats;
    const ages = { ...page, heartbeats, lasting };
    return html`<section><h2>${t("processes")}</h2>${processesView(rows, page, ages)}</section>`;
  };

  const TONES = { ready: "ok", resting: "warn", gone: "", alarm: "alert" };
  const robot = (row) => html`
    <li class="ops-robot"><strong>${row.name}</strong><span class="spring"></span>
      <span class="chip ${TONES[row.condition]}">${t(`robot.${row.condition}`, { time: row.rests_until ? short.format(new Date(row.rests_until)) : "" })}</span>
      ${row.condition !== "ready" && row.reason ? html`<p class="muted small">${words(`robot.reason.${row.reason}`, row.reason)}</p>` : nothing}</li>`;
  const listOf = (rows, draw, isUnread, none) =>
    html`${repeat(rows, (row) => row.key, draw)}${
      isUnread || !rows.length
        ? html`<li class="muted">${t(isUnread ? "unknown" : none)}</li>`
        : nothing
    }`;
  const robots = (rows, unread) => html`
    <section><h2>${t("robots")}</h2><ul class="items card">${listOf(rows, robot, unread.includes("robot"), "robots.none")}</ul></section>`;

  const destination = ({ text, ok }) => html`
    <li class="ops-alerts"><span class="chip ${ok ? "ok" : "warn"}" aria-hidden="true">${ok ? "✓" : "!"}</span><span>${text}</span></li>`;
  const destinations = () => html`
    <section><h2>${t("alerts")}</h2><ul class="items card">${alerts.map(destination)}</ul></section>`;

  const trouble = (row) => html`
    <li class="ops-trouble" data-key=${row.key}><span class="faint">${time(row.at)}</span><span class="chip">${words(row.what, row.what)}</span>
      <span class="ops-said"><strong>${words(`${row.what}.name.${row.name}`, row.name || words(`${row.what}.unnamed`, ""))}</strong> ${words(`${row.what}.reason.${row.reason}`, row.reason)}</span>
      <span class="ops-id faint">${row.id}</span>${places[row.what] ? html`<a class="small" href=${places[row.what]}>${t("see_all")}</a>` : nothing}</li>`;
  const troubles = (rows, unread) => html`
    <section><h2>${t("troubles")}</h2><ul class="items card">${listOf(
      rows,
      trouble,
      unread.some((one) => !NO_FAILURES.has(one)),
      "troubles.none",
    )}</ul></section>`;

  /**
   * @param {any} shown the view model, its source ("served", "live", "asked" or "nobody"), the
   *   prefixes of rows that could not be read as `unread`, and the server's time in milliseconds as
   *   `now`
   */
  return (shown) => html`
    ${head(shown)}${verdict(shown)}${vitals(shown)}
    ${living(shown)}${robots(shown.robots, shown.unread)}${destinations()}${troubles(shown.troubles, shown.unread)}`;
}
