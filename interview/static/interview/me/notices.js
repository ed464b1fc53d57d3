// Notices: the list, unread ones marked, and the browser's notifications for people who turned them
// on with a click.

import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../vendor/lit-html/lit-html.js";

const SHOWN = 8;
const ASKED_KEY = "recruit.notify"; // the click; the browser keeps the permission

export function noticeList(notices, page) {
  const { i18n } = page;
  const shown = page.allNotices ? notices : notices.slice(0, SHOWN);
  return html`
    <section id="notices" aria-labelledby="notices-title">
      <h2 class="section-title" id="notices-title">
        <span>${i18n.t("notices")}</span>
        ${
          notices.some((one) => !one.read)
            ? html`<button type="button" class="button quiet small" @click=${() => page.markRead()}>${i18n.t("notices.all_read")}</button>`
            : nothing
        }
      </h2>
      <ul class="items card notices">
        ${repeat(
          shown,
          (one) => one.key,
          (one) => notice(one, page),
        )}
        ${notices.length ? nothing : html`<li class="muted">${i18n.t("notices.none")}</li>`}
      </ul>
      <p class="row notices-foot">
        ${
          shown.length < notices.length
            ? html`<button type="button" class="button quiet small" @click=${() => page.showAllNotices()}>${i18n.t("notices.older")}</button>`
            : nothing
        }
        <span class="spring"></span>${notifyButton(page)}
      </p>
    </section>`;
}

function notice(one, page) {
  return html`
    <li class=${one.read ? "" : "unread"} data-key=${one.key}>
      <a href=${one.url || "#notices"} @click=${() => one.read || page.markRead([one.id])}>${one.text}</a>
      <time class="faint small" datetime=${one.at}>${page.i18n.moment(one.at, page.now)}</time>
    </li>`;
}

const canNotify = () => "Notification" in globalThis;
const isAsked = () => localStorage.getItem(ASKED_KEY) === "yes";

function notifyButton(page) {
  const { i18n } = page;
  if (!canNotify()) return nothing;
  if (Notification.permission === "denied") {
    return html`<span class="faint small">${i18n.t("notify.denied")}</span>`;
  }
  if (Notification.permission === "granted" && isAsked()) {
    return html`<span class="faint small">${i18n.t("notify.on")}</span>`;
  }
  return html`<button type="button" class="button quiet small" @click=${() => ask(page)}>${i18n.t("notify.ask")}</button>`;
}

async function ask(page) {
  if ((await Notification.requestPermission()) === "granted")
    localStorage.setItem(ASKED_KEY, "yes");
  page.draw();
}

/** A function that shows a browser notification for each unread notice it has not seen before. */
export function createNotifier(i18n) {
  let known = null;
  return function tell(notices) {
    const fresh = known ? notices.filter((one) => !one.read && !known.has(one.key)) : [];
    known = new Set(notices.map((one) => one.key));
    if (!document.hidden || !canNotify() || Notification.permission !== "granted" || !isAsked())
      return;
    for (const one of fresh) show(one, i18n);
  };
}

function show(one, i18n) {
  try {
    const shown = new Notification(i18n.t(`event.${one.event}`), {
      body: one.text,
      tag: one.key,
    });
    shown.onclick = () => {
      window.focus();
      if (one.url) location.assign(one.url);
    };
  } catch {
    // Some phones allow notifications from service workers only; the page still shows the notice.
  }
}
