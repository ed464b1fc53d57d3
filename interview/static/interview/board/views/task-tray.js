// Background tasks at the foot of the board: those that run, and those that ended a moment ago.

import { isActive, KEPT_MS } from "../../../realtime/tasks-rows.js";
import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { spanText } from "../util/format.js";
import { showRefusal } from "../util/refusal.js";

export function trayView(app) {
  const { t } = app;
  const runs = shownRuns(app, app.now());
  return html`${repeat(
    runs,
    (run) => run.key,
    (run) => runView(app, run),
  )}
    ${runs.length ? nothing : html`<span class="faint">${t("tray_idle")}</span>`}
    <span class="spring"></span>
    <a class="faint" href=${app.config.tasks}>${t("tray_all")}</a>
    <button class="button quiet small" @click=${() => app.openHelp()}>${t("keys_hint")}</button>`;
}

/**
 * The running tasks, and those that ended a moment ago and were not dismissed, newest first.
 * Progress replaces the row while a task runs.
 */
export function shownRuns({ tasks, ticks, dismissed }, now) {
  return [...tasks.values()]
    .map((row) => (isActive(row) ? (ticks.get(row.key) ?? row) : row))
    .filter((run) => run.kind === "task" && !dismissed.has(run.key))
    .filter((run) => isActive(run) || now - Date.parse(run.finished_at) < KEPT_MS)
    .sort((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at));
}

function runView(app, run) {
  const { t } = app;
  const isRunning = isActive(run);
  return html`<div class="run" data-state=${run.state}>
    <b>${run.title}</b>
    ${
      isRunning
        ? html`<progress max=${run.total || 1} .value=${run.total ? run.done : 0}
          aria-label=${run.title}></progress>`
        : html`<span class="chip ${TONES[run.state]}">${t(`task_${run.state}`)}</span>`
    }
    <span class="muted">${isRunning ? paceText(app, run) : endText(app, run)}</span>
    ${
      run.result_url && !isRunning
        ? html`<a href=${run.result_url}>${t("task_result")}</a>`
        : nothing
    }
    ${
      run.can_cancel && isRunning
        ? html`<button class="button small" @click=${() => cancel(app, run)}>${t("task_cancel")}</button>`
        : nothing
    }
    ${
      isRunning
        ? nothing
        : html`<button class="button quiet small" aria-label=${t("task_dismiss")}
          @click=${() => app.dismiss(run.key)}>×</button>`
    }
  </div>`;
}

const TONES = { succeeded: "ok", failed: "alert", cancelled: "" };

/** Such as: 6,420 of 10,000 · 2,310/s · 2 s left · 14 problems. */
function paceText(app, run) {
  const { t, config } = app;
  const number = (value) => value.toLocaleString(config.language);
  const seconds = (app.now() - Date.parse(run.started_at)) / 1000;
  const rate = run.done && seconds > 0 ? Math.round(run.done / seconds) : 0;
  return [
    run.state === "queued" ? t("task_queued") : "",
    run.total ? t("task_of", { done: number(run.done), total: number(run.total) }) : "",
    rate ? t("task_rate", { rate: number(rate) }) : "",
    run.eta_seconds === null ? "" : leftText(t, run.eta_seconds),
    endText(app, run),
  ]
    .filter(Boolean)
    .join(" · ");
}

function leftText(t, seconds) {
  if (seconds < 90) return t("task_left_seconds", { seconds });
  return t("task_left", { time: spanText(t, seconds / 60) });
}

function endText({ t }, run) {
  const problems = run.errors ? t("task_problems", { count: run.errors }) : "";
  return [run.message, problems].filter(Boolean).join(" · ");
}

async function cancel(app, run) {
  const answer = await app.api.post(`tasks/${run.id}/cancel/`);
  if (!answer.ok) showRefusal(app, answer);
}
