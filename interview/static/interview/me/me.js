// The interviewer's page: follows /ws/me/ and draws one's day, the nearest first.

import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { openLive } from "../../realtime/live.js";
import { carryTasks } from "../../realtime/tasks-live.js";
import { askBeforeLeaving, reloadOnceIdle } from "../../realtime/page-reload.js";
import { arrange } from "./agenda.js";
import { openApi } from "./api.js";
import { arrivedBanners, dueList, laterLists, leftOpenList, overList, todayList } from "./lists.js";
import { nextCard } from "./next-card.js";
import { noticeList, openNotifier } from "./notices.js";
import { openWords } from "./i18n.js";

const TICK_MS = 5_000; // countdowns show minutes

const config = JSON.parse(document.getElementById("me-config").textContent);
const words = openWords(config);
const api = openApi(config, words);
const tellBrowser = openNotifier(words);
const home = document.getElementById("me");
const light = document.getElementById("me-live");
const badge = document.getElementById("me-unread");

const tellTray = carryTasks();
let rows = null; // until the first snapshot the page as served stays
let serverNow = () => new Date(); // the computer's, until the stream knows better

const page = {
  words,
  user: config.user,
  now: new Date(),
  sent: new Map(), // key → version on which the last step was decided
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

  // Until the row has come back changed, another step would be decided on what is no longer so.
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
  const day = arrange(rows, page.now, declining());
  render(layout(day), home);
  tellUnread(day.unread);
}

/** Key of the interview whose decline is being given a reason. */
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
    ${dueList(day.due, page)} ${leftOpenList(day.leftOpen, page)} ${todayList(day.today, page)}
    ${overList(day.over, page)}
  </div>
  <div class="me-side">${laterLists(day.later, page)} ${noticeList(day.notices, page)}</div>`;

const isEmpty = ({ next, due, today, later, leftOpen }) =>
  !next && [due, today, later, leftOpen].every((list) => list.length === 0);

const emptyDay = () => html`
  <div class="empty card"><strong>${words.say("empty")}</strong><p>${words.say("empty.help")}</p></div>`;

function tellUnread(number) {
  const title = `${words.say("page.title")} · ${words.say("page.product")}`;
  document.title = number ? `(${number}) ${title}` : title;
  badge.textContent = words.say("notices.unread", { number });
  badge.hidden = number === 0;
}

function showState({ name, since }) {
  light.dataset.state = name;
  const text = words.say(`live.${name}`, { time: words.time(since) });
  render(html`<span class="dot"></span>${text}${wayOut(name)}`, light);
  if (name === "outdated") reloadOnceIdle(() => declining() === null);
}

function wayOut(name) {
  if (name === "signed-out") return html` <a href=${config.login}>${words.say("live.sign_in")}</a>`;
  if (name === "outdated") return html` <a href="">${words.say("live.reload")}</a>`;
  return nothing;
}

({ now: serverNow } = openLive({
  socket: config.socket,
  onBoard(board, latest) {
    if (board.position === null) return;
    tellTray(board, latest);
    if (rows === null) home.replaceChildren();
    rows = board.rows;
    draw();
    tellBrowser([...rows.values()].filter((row) => row.kind === "notice"));
  },
  onState: showState,
}));
askBeforeLeaving(() => declining() !== null);
setInterval(draw, TICK_MS);
