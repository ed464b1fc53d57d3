// Page script of the background tasks page: rows of the database, with the newest progress on top.

import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { reloadOnceIdle } from "./page-reload.js";
import { processesView } from "./processes-view.js";
import { cancelRun } from "./tasks-cancel.js";
import { followTasks } from "./tasks-live.js";
import { filterRuns, newestFirst } from "./tasks-rows.js";
import { createTaskText } from "./tasks-text.js";
import { timeZone } from "./time-zone.js";

const config = JSON.parse(document.getElementById("tasks-config").textContent);
const home = document.getElementById("tasks");
const light = document.getElementById("tasks-live");
const living = document.getElementById("processes"); // present for operations only
const { t, pace, problems } = createTaskText(config);
const clock = new Intl.DateTimeFormat(config.language, {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const moment = new Intl.DateTimeFormat(config.language, {
  timeZone,
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const nothingHere = config.filter.state || config.filter.owner ? "none" : "empty";
let isFirst = true; // null until the first snapshot; the served page stays until then

function draw(board, latest) {
  if (board.position === null) return;
  if (isFirst) {
    home.replaceChildren();
    living?.replaceChildren();
  }
  isFirst = false;
  if (living) render(processesView(board.rows, { t, ...config }), living);
  const runs = filterRuns(newestFirst(board.rows, latest), config.filter);
  render(runs.length ? list(runs) : empty(), home);
}

const list = (runs) => html`
  <ul class="items card tasks">${repeat(runs, (run) => run.key, task)}</ul>`;

const empty = () => html`
  <div class="empty card"><strong>${t(nothingHere)}</strong><p>${t(`${nothingHere}.help`)}</p></div>`;

const task = (run) => html`
  <li class="task" data-state=${run.state} data-key=${run.key}>
    <div class="task-what">
      <strong>${run.title}</strong>
      <p class="muted small">${run.owner_name ? `${run.owner_name} · ` : ""}<time datetime=${run.created_at}>${moment.format(new Date(run.created_at))}</time></p>
    </div>
    <div class="task-how">
      <span class="task-state"><span class="dot"></span>${t(`state.${run.state}`)}</span>
      ${run.state === "running" ? bar(run) : nothing}
      <span class="muted small">${pace(run)}</span>
      ${run.errors ? html`<span class="chip warn">${problems(run)}</span>` : nothing}
    </div>
    ${run.message ? html`<p class="task-message muted small">${run.message}</p>` : nothing}
    <div class="task-do">
      ${run.result_url && run.owner === config.person ? html`<a class="button small" href=${run.result_url}>${t("result")}</a>` : nothing}
      ${run.can_cancel ? html`<button type="button" class="button danger small" @click=${() => cancelRun(run, t)}>${t("cancel")}</button>` : nothing}
    </div>
  </li>`;

// Without a known total the bar is indeterminate.
const bar = (run) =>
  run.total
    ? html`<progress value=${run.done} max=${run.total} aria-label=${run.title}></progress>`
    : html`<progress aria-label=${run.title}></progress>`;

function showState({ name, since }) {
  light.dataset.state = name;
  render(
    html`<span class="dot"></span>${t(`live.${name}`, { time: clock.format(since) })}${
      name === "outdated" ? html` <a href="">${t("live.reload")}</a>` : nothing
    }`,
    light,
  );
  if (name === "outdated") reloadOnceIdle(() => true);
}

followTasks(draw, showState);
