// The processes of the site for operations: a tile for each kind.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { isOverdue, processes, toneOf } from "./processes-rows.js";
import { timeZone } from "./time-zone.js";

/**
 * @param {Map<string, any>} rows
 * @param {{ t: Translate, language: string, kinds: string[] }} page
 * @param {{ heartbeats: Record<string, number> | null, silent_after: number,
 *   heartbeat_seconds: number, lasting: (seconds: number) => string } | null} [ages] how long ago
 *   each process was seen; heartbeats: null if it is not known whether any runs
 */
export function processesView(rows, { t, language, kinds }, ages = null) {
  const since = new Intl.DateTimeFormat(language, {
    timeZone,
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const isUnknown = ages !== null && ages.heartbeats === null;
  const isLate = (row) => ages !== null && isOverdue(row, ages.heartbeat_seconds);
  const condition = (row) => {
    if (isUnknown) return nothing;
    if (!row.alive) return html`<span class="chip warn">${t("process.silent")}</span>`;
    if (isLate(row))
      return html`<span class="chip warn">${t("seen", { time: ages.lasting(row.seen) })}</span>`;
    const time = since.format(new Date(row.since));
    return html`<span class="faint">${t("process.since", { time })}</span>`;
  };
  const member = (row) => html`
    <li><span class="process-name">${row.name}</span> ${condition(row)}</li>`;
  const toneNow = (one) => {
    if (isUnknown) return "unknown";
    return one.alive && one.members.some(isLate) ? "warn" : toneOf(one);
  };
  const stateNow = (one) => {
    if (isUnknown) return t("unknown");
    return one.alive ? t("process.alive", { number: one.alive }) : t("process.none");
  };
  const tile = (one) => html`
    <li class="process card" data-process=${one.process} data-tone=${toneNow(one)}>
      <p class="process-head"><span class="dot"></span><strong>${t(`process.${one.process}`)}</strong>
        <span class="spring"></span><span class="process-state">${stateNow(one)}</span></p>
      ${one.members.length ? html`<ul class="plain small">${one.members.map(member)}</ul>` : nothing}
    </li>`;
  const shown = processes(rows, kinds, ages?.heartbeats, ages?.silent_after);
  return html`<ul class="processes">${shown.map(tile)}</ul>`;
}
