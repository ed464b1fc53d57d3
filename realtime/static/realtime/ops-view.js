// Draws the operations page; the first page comes from ops.html.

import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { duration } from "./ops-view-model.js";
import { processesView } from "./processes-view.js";
import { timeZone } from "./time-zone.js";

export function openView({ t, count, language, texts, kinds, places, runbooks, alerts }) {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const clock = new Intl.DateTimeFormat(language, { ...options, second: "2-digit" });
  const short = new Intl.DateTimeFormat(language, options);
  const moment = new Intl.DateTimeFormat(language, { ...options, month: "short", day: "numeric" });
  const number = new Intl.NumberFormat(language);
  const time = (at) => html`<time datetime=${at}>${moment.format(new Date(at))}</time>`;
  const words = (key, otherwise) => texts[key] ?? otherwise;

  const lasting = (seconds) => {
    const [unit, length] = duration(seconds);
    return t(unit, { number: length });
  };

  const age = ({ standing, source }) => html`
    <p class="ops-age small ${source === "live" ? "muted" : "ops-old"}">${
      source === "nobody"
        ? t("unanswered", { time: clock.format(new Date(standing.at)) })
        : t("as_of", { time: clock.format(new Date(standing.at)) })
    }${source === "asked" ? ` · ${t("asked")}` : ""}</p>`;

  const problem = (name) => html`
    <li class="ops-problem" data-problem=${name}><strong>${t(`check.${name}`)}</strong><p>${t(`remedy.${name}`)}</p>${
      runbooks[name] ? html`<a href=${runbooks[name]}>${t("runbook")}</a>` : nothing
    }</li>`;

  const verdict = ({ standing: { failing }, source }) => {
    if (failing.length) {
      return html`<section class="ops-problems" aria-labelledby="ops-problems">
        <h2 id="ops-problems">${count("troubled", failing.length)}</h2>
        <ul class="items card">${repeat(failing, (name) => name, problem)}</ul></section>`;
    }
    if (source === "nobody") return nothing;
    return html`<section class="ops-fine card"><span class="dot"></span>
      <div><h2>${t("fine")}</h2><p class="muted">${t("fine.help")}</p></div></section>`;
  };

  const queue = ({ name, length }) =>
    html`<dd class="ops-queue"><span>${name}</span><strong>${number.format(length)}</strong></dd>`;
  const vitals = ({ standing }) => html`
    <dl class="ops-vitals">
      <div class="card"><dt>${t("lag")}</dt>
        <dd class="ops-figure">${standing.oldest_seconds === null ? "–" : lasting(standing.oldest_seconds)}</dd>
        <dd class="muted small">${standing.pending === null ? t("unknown") : count("pending", standing.pending)}</dd></div>
      <div class="card"><dt>${t("schedule")}</dt>
        <dd class="ops-figure">${standing.schedule_seconds === null ? t("never") : t("ago", { time: lasting(standing.schedule_seconds) })}</dd>
        <dd class="muted small">${t("schedule.help")}</dd></div>
      <div class="card"><dt>${t("queues")}</dt>
        ${standing.queues.length ? standing.queues.map(queue) : html`<dd class="ops-figure">–</dd><dd class="muted small">${t("unknown")}</dd>`}</div>
    </dl>`;

  const living = (rows) => html`
    <section><h2>${t("processes")}</h2>${processesView(rows, { t, language, kinds })}</section>`;

  const TONES = { ready: "ok", resting: "warn", gone: "alert", alarm: "alert" };
  const robot = (row) => html`
    <li class="ops-robot"><strong>${row.name}</strong><span class="spring"></span>
      <span class="chip ${TONES[row.condition]}">${t(`robot.${row.condition}`, { time: row.rests_until ? short.format(new Date(row.rests_until)) : "" })}</span>
      ${row.condition !== "ready" && row.reason ? html`<p class="muted small">${words(`robot.reason.${row.reason}`, row.reason)}</p>` : nothing}</li>`;
  const robots = (rows) => html`
    <section><h2>${t("robots")}</h2><ul class="items card">${
      rows.length
        ? repeat(rows, (row) => row.key, robot)
        : html`<li class="muted">${t("robots.none")}</li>`
    }</ul></section>`;

  const destination = ({ text, ok }) => html`
    <li class="ops-alerts"><span class="chip ${ok ? "ok" : "warn"}" aria-hidden="true">${ok ? "✓" : "!"}</span><span>${text}</span></li>`;
  const destinations = () => html`
    <section><h2>${t("alerts")}</h2><ul class="items card">${alerts.map(destination)}</ul></section>`;

  const trouble = (row) => html`
    <li class="ops-trouble" data-key=${row.key}><span class="faint">${time(row.at)}</span><span class="chip">${words(row.what, row.what)}</span>
      <span class="ops-said"><strong>${words(`${row.what}.name.${row.name}`, row.name || words(`${row.what}.unnamed`, ""))}</strong> ${words(`${row.what}.reason.${row.reason}`, row.reason)}</span>
      <span class="ops-id faint">${row.id}</span>${places[row.what] ? html`<a class="small" href=${places[row.what]}>${t("see_all")}</a>` : nothing}</li>`;
  const troubles = (rows) => html`
    <section><h2>${t("troubles")}</h2><ul class="items card">${
      rows.length
        ? repeat(rows, (row) => row.key, trouble)
        : html`<li class="muted">${t("troubles.none")}</li>`
    }</ul></section>`;

  /** @param {any} shown the view model, and its source: "live", "asked" or "nobody" */
  return (shown) => html`
    ${age(shown)}${verdict(shown)}${vitals(shown)}
    ${living(shown.rows)}${robots(shown.robots)}${destinations()}${troubles(shown.troubles)}`;
}
