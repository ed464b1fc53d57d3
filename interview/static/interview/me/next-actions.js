// The buttons of the next interview; each is a transition of the state machine.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { isWaiting, rules } from "../rules.js";
import { startOf } from "./interviewer-day.js";

const DELAYS_MINUTES = [5, 10, 15];
const SOON_MS = 30 * 60_000; // earlier than this, Start is not the primary button

export function nextActions(row, page) {
  return html`
    <div class="actions">
      ${isWaiting(row) && row.mine.response === "pending" ? answers(row, page) : nothing}
      ${row.status === "in_progress" ? step(row, page, "finish", true) : nothing}
      ${isWaiting(row) && row.mine.response !== "pending" ? startButton(row, page) : nothing}
      ${["arrived", "in_progress"].includes(row.status) ? scorecardLink(row, page) : detailsLink(row, page)}
      ${isWaiting(row) ? delays(row, page) : nothing}
    </div>
    ${isWaiting(row) ? declineForm(row, page) : nothing}`;
}

function step(row, page, action, isPrimary, data = {}) {
  return html`<button type="button" class="button large ${isPrimary ? "primary" : ""}"
    ?disabled=${page.isBusy(row)} data-action=${action}
    @click=${() => page.act(row, action, data)}>${page.i18n.t(`act.${action}`)}</button>`;
}

function answers(row, page) {
  const isHere = row.status === "arrived";
  return html`${step(row, page, "accept", !isHere)}${isHere ? step(row, page, "start", true) : nothing}`;
}

function startButton(row, page) {
  const isTime = row.status === "arrived" || startOf(row).getTime() - page.now < SOON_MS;
  return step(row, page, "start", isTime);
}

const scorecardLink = (row, { i18n }) =>
  html`<a class="button large" href=${row.mine.scorecard_url}>${i18n.t("act.scorecard")}</a>`;

const detailsLink = (row, { i18n }) =>
  html`<a class="button large" href=${row.url}>${i18n.t("details")}</a>`;

function delays(row, page) {
  const { i18n } = page;
  const told = row.mine.late_minutes;
  const late = (minutes) => page.act(row, "running-late", { minutes });
  return html`
    <div class="late" role="group" aria-label=${i18n.t("late")}>
      <span>${i18n.t("late")}</span>
      ${DELAYS_MINUTES.map(
        (minutes) => html`<button type="button" class="button" aria-pressed=${told === minutes}
          ?disabled=${page.isBusy(row)} data-late=${minutes}
          @click=${() => late(minutes)}>${i18n.t("late.minutes", { minutes })}</button>`,
      )}
      ${
        told
          ? html`<p class="told small">${i18n.t("late.told", { minutes: told })}
            <button type="button" class="button quiet small" @click=${() => late(0)}>${i18n.t("late.take_back")}</button></p>`
          : nothing
      }
    </div>`;
}

function declineForm(row, page) {
  const { i18n } = page;
  const id = `decline-${row.id}`;
  async function send(event) {
    event.preventDefault();
    const form = event.target;
    const isDone = await page.act(row, "decline", { reason: form.elements.reason.value.trim() });
    if (isDone) form.closest("details").open = false;
  }
  return html`
    <details class="decline">
      <summary>${i18n.t("act.decline")}</summary>
      <form @submit=${send}>
        <div class="field">
          <label for=${id}>${i18n.t("decline.reason")}</label>
          <input id=${id} name="reason" required maxlength=${rules.reason_length} autocomplete="off">
        </div>
        <button class="button danger" ?disabled=${page.isBusy(row)}>${i18n.t("decline.send")}</button>
      </form>
    </details>`;
}
