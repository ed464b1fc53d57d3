// The processes of the site for operations: a tile for each kind.

import { html, nothing } from "../vendor/lit-html/lit-html.js";
import { processes, toneOf } from "./processes-rows.js";
import { timeZone } from "./time-zone.js";

/**
 * @param {Map<string, any>} rows
 * @param {{ t: Translate, language: string, kinds: string[] }} page
 */
export function processesView(rows, { t, language, kinds }) {
  const since = new Intl.DateTimeFormat(language, {
    timeZone,
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const member = (row) => html`
    <li>
      <span class="process-name">${row.name}</span>
      ${
        row.alive
          ? html`<span class="faint">${t("process.since", { time: since.format(new Date(row.since)) })}</span>`
          : html`<span class="chip warn">${t("process.silent")}</span>`
      }
    </li>`;
  const tile = (one) => html`
    <li class="process card" data-process=${one.process} data-tone=${toneOf(one)}>
      <p class="process-head"><span class="dot"></span><strong>${t(`process.${one.process}`)}</strong>
        <span class="spring"></span><span class="process-state">${one.alive ? t("process.alive", { number: one.alive }) : t("process.none")}</span></p>
      ${one.members.length ? html`<ul class="plain small">${one.members.map(member)}</ul>` : nothing}
    </li>`;
  return html`<ul class="processes">${processes(rows, kinds).map(tile)}</ul>`;
}
