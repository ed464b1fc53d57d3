// Page script of the interviewer's page: follows /ws/me/ and draws the interviewer's day, the
// nearest interview first.

import { openLive } from "../../realtime/live.js";
import { confirmBeforeLeaving, reloadOnceIdle } from "../../realtime/page-reload.js";
import { shareTasks } from "../../realtime/tasks-live.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { setRules } from "../rules.js";
import { openApi } from "./api.js";
import { createI18n } from "./i18n.js";
import { arrangeDay } from "./interviewer-day.js";
import {
  arrivedBanners,
  dueList,
  laterLists,
  notFinishedList,
  overList,
  todayList,
} from "./lists.js";
import { nextCard } from "./next-card.js";
import { createNotifier, noticeList } from "./notices.js";

const TICK_MS = 5_000;

const config = JSON.parse(document.getElementById("me-config").textContent);
setRules(config.rules);
const i18n = createI18n(config);
const api = openApi(config, i18n);
const notifyBrowser = createNotifier(i18n);
const home = document.getElementById("me");
const connectionStatus = document.getElementById("me-live");
const badge = document.getElementById("me-unread");

const passTasksOn = shareTasks();
let rows = null; // null until the first snapshot; the served page stays until then
let serverNow = () => new Date(); // the computer's time until the first welcome

const page = {
  i18n,
  user: config.user,
  now: new Date(),
  sent: new Map(), // key → version for which an action was sent
  allNotices: false,
  draw,

  async act(row, action, data = {}) {
    page.sent.set(row.key, row.version);
    draw();
    const isDone = await api.act(row, action, data);
    if (!isDone) page.sent.delete(row.key);
    draw();
    return isDone;
  },

  // Until the changed row arrives, another action would be based on an old version.
  isBusy: (row) => page.sent.get(row.key) === row.version,

  markRead: (ids) => api.read(ids),

  showAllNotices() {
    page.allNotices = true;
    draw();
  },
};

function draw() {
  if (rows === null) return;
  page.now = serverNow();
  const day = arrangeDay(rows, page.now, declining());
  render(layout(day), home);
  showUnread(day.unread);
}

/** Key of the interview for which a decline reason is being typed, or null. */
function declining() {
  const reason = home.querySelector(".decline[open] input");
  return reason?.value ? reason.closest("[data-key]").dataset.key : null;
}

const layout = (day) => html`
  <div class="me-main">
    <div role="status">${arrivedBanners(day.arrived, page)}</div>
    ${repeat(
      day.next ? [day.next] : [],
      (row) => row.key,
      (row) => nextCard(row, page),
    )}
    ${isEmpty(day) ? emptyDay() : nothing}
    ${dueList(day.due, page)} ${notFinishedList(day.notFinished, page)} ${todayList(day.today, page)}
    ${overList(day.over, page)}
  </div>
  <div class="me-side">${laterLists(day.later, page)} ${noticeList(day.notices, page)}</div>`;

const isEmpty = ({ next, due, today, later, notFinished }) =>
  !next && [due, today, later, notFinished].every((list) => list.length === 0);

const emptyDay = () => html`
  <div class="empty card"><strong>${i18n.t("empty")}</strong><p>${i18n.t("empty.help")}</p></div>`;

function showUnread(number) {
  const title = `${i18n.t("page.title")} · ${i18n.t("page.product")}`;
  document.title = number ? `(${number}) ${title}` : title;
  badge.textContent = i18n.t("notices.unread", { number });
  badge.hidden = number === 0;
}

function showState({ name, since }) {
  connectionStatus.dataset.state = name;
  const text = i18n.t(`live.${name}`, { time: i18n.time(since) });
  render(html`<span class="dot"></span>${text}${stateLink(name)}`, connectionStatus);
  if (name === "outdated") reloadOnceIdle(() => declining() === null);
}

function stateLink(name) {
  if (name === "signed-out") return html` <a href=${config.login}>${i18n.t("live.sign_in")}</a>`;
  if (name === "outdated") return html` <a href="">${i18n.t("live.reload")}</a>`;
  return nothing;
}

({ now: serverNow } = openLive({
  socket: config.socket,
  onBoard(board, latest) {
    if (board.position === null) return;
    passTasksOn(board, latest);
    if (rows === null) home.replaceChildren();
    rows = board.rows;
    draw();
    notifyBrowser([...rows.values()].filter((row) => row.kind === "notice"));
  },
  onState: showState,
}));
confirmBeforeLeaving(() => declining() !== null);
setInterval(draw, TICK_MS);
