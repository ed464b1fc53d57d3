// History of an interview, latest first: its events, the notices about it and the messages sent.

import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { namesText } from "../util/format.js";

export function timelineView(app) {
  const { t } = app;
  const events = app.detail?.key === app.urlState.card ? app.detail.events : null;
  return html`<section aria-busy=${events === null ? "true" : "false"}>
    <h3>${t("timeline")}</h3>
    ${events?.length === 0 ? html`<p class="muted">${t("timeline_none")}</p>` : nothing}
    <ol class="timeline">
      ${repeat(
        [...(events ?? [])].reverse(),
        (event) => event.at,
        (event) => eventView(app, event),
      )}
    </ol>
  </section>`;
}

/** Such as 14:05, with the day unless it is today. */
function momentText({ clock, now }, moment) {
  const day = clock.day(moment);
  const isToday = day === clock.day(now());
  return `${isToday ? "" : `${clock.dayText(day)} `}${clock.time(moment)}`;
}

function eventView(app, event) {
  const { t } = app;
  return html`<li class=${event.undone ? "undone" : ""} data-status=${event.to_status}>
    <time datetime=${event.at}>${momentText(app, event.at)}</time>
    <span><b>${t(`event_${event.action}`)}</b>
      <span class="muted">${event.by || t("event_system")}</span>
      ${event.changes.map((change) => changeView(app, change))}
      ${event.reason ? html`<q>${event.reason}</q>` : nothing}</span>
  </li>`;
}

/** A changed value before and after, such as Start: 10:00 → 10:30. */
function changeView(app, { field, before, after }) {
  const text = (values) =>
    namesText(
      values.map((value) => valueText(app, field, value)),
      app.config.language,
    );
  return html`<span class="change">${app.t(`change_${field}`)}
    ${before.length ? html`<del>${text(before)}</del>` : nothing}
    ${before.length && after.length ? "→" : nothing}
    ${after.length ? html`<ins>${text(after)}</ins>` : nothing}</span>`;
}

function valueText(app, field, value) {
  if (field === "starts_at" || field === "ends_at") return momentText(app, value);
  if (field === "status") return app.config.statuses[value];
  return field === "late_minutes" ? app.t("minutes", { minutes: value }) : value;
}

const TONES = { sent: "ok", failed: "warn", dead: "alert" };

/** The notices about the interview: recipient, subject, and whether they have been read. */
export function noticesView(app) {
  const { t } = app;
  const notices = app.detail?.key === app.urlState.card ? app.detail.notices : [];
  if (!notices?.length) return nothing;
  return html`<section>
    <h3>${t("notices")}</h3>
    <ol class="timeline notices">
      ${notices.map(
        (notice) => html`<li><time datetime=${notice.at}>${momentText(app, notice.at)}</time>
          <span><b>${notice.recipient}</b> <span class="muted">${t(`notice_${notice.event}`)}</span>
          <span class="chip ${notice.read ? "ok" : ""}">${t(notice.read ? "notice_read" : "notice_unread")}</span></span>
        </li>`,
      )}
    </ol>
  </section>`;
}

/** The messages sent or queued: recipient, channel and delivery state. */
export function messagesView(app) {
  const { t } = app;
  const messages = app.detail?.key === app.urlState.card ? app.detail.messages : [];
  if (!messages?.length) return nothing;
  return html`<section>
    <h3>${t("messages")}</h3>
    <ol class="timeline notices">
      ${messages.map(
        (one) => html`<li><time datetime=${one.at}>${momentText(app, one.at)}</time>
          <span><b>${one.recipient}</b>
          <span class="muted">${t(`notice_${one.event}`)} · ${t(`channel_${one.channel}`)}</span>
          <span class="chip ${TONES[one.state] ?? ""}">${t(`delivery_${one.state}`)}</span>
          ${one.calendar ? html`<span class="chip">${t(`calendar_${one.calendar}`)}</span>` : nothing}
          ${one.went_elsewhere ? html`<span class="chip warn">${t("delivery_elsewhere")}</span>` : nothing}
          ${one.why ? html`<span class="muted">${one.why}</span>` : nothing}</span>
        </li>`,
      )}
    </ol>
  </section>`;
}
