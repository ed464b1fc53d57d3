// Page script of the task tray at the foot of a page: the reader's running tasks, and those that
// ended a moment ago.

import { repeat } from "../vendor/lit-html/directives/repeat.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { cancelRun } from "./tasks-cancel.js";
import { followTasks } from "./tasks-live.js";
import { isActive, limitRuns, trayRuns } from "./tasks-rows.js";
import { createTaskText, toneOf } from "./tasks-text.js";

const DISMISSED_KEY = "tray-put-away";
const DESK_ROOM = 2;
const PHONE_ROOM = 1;
const LOOK_AGAIN_MS = 60_000; // removes tasks that ended some time ago

const config = JSON.parse(document.getElementById("tray-config").textContent);
const home = document.getElementById("task-tray");
const { t, count, summary } = createTaskText(config);
const phone = matchMedia("(max-width: 640px)");
const dismissed = new Set(JSON.parse(sessionStorage.getItem(DISMISSED_KEY) ?? "[]"));
let known = null;

function draw() {
  if (known === null || known.board.position === null) return;
  const { board, latest } = known;
  const runs = trayRuns(board.rows, latest, { owner: config.person, dismissed, now: Date.now() });
  home.hidden = runs.length === 0;
  const { shown, left } = limitRuns(runs, phone.matches ? PHONE_ROOM : DESK_ROOM);
  render(html`${repeat(shown, (run) => run.key, runView)}${left ? more(left) : nothing}`, home);
}

const runView = (run) => html`
  <div class="tray-run" data-state=${run.state} data-key=${run.key}>
    <strong>${run.title}</strong>
    ${isActive(run) ? bar(run) : html`<span class="chip ${toneOf(run)}">${t(`state.${run.state}`)}</span>`}
    <span class="muted">${summary(run)}</span>
    ${run.result_url && !isActive(run) ? html`<a href=${run.result_url}>${t("result")}</a>` : nothing}
    ${run.can_cancel ? html`<button type="button" class="button small" @click=${() => cancelRun(run, t)}>${t("cancel")}</button>` : nothing}
    ${isActive(run) ? nothing : html`<button type="button" class="button quiet small" aria-label=${t("put_away", { title: run.title })} @click=${() => dismiss(run)}>×</button>`}
  </div>`;

const more = (left) => html`<a class="tray-more" href=${config.tasks}>${count("more", left)}</a>`;

const bar = (run) =>
  run.total
    ? html`<progress value=${run.done} max=${run.total} aria-label=${run.title}></progress>`
    : html`<progress aria-label=${run.title}></progress>`;

function dismiss(run) {
  dismissed.add(run.key);
  sessionStorage.setItem(DISMISSED_KEY, JSON.stringify([...dismissed]));
  draw();
}

followTasks((board, latest) => {
  known = { board, latest };
  draw();
});
phone.addEventListener("change", draw);
setInterval(draw, LOOK_AGAIN_MS);
