// Page script of the wall screen in the waiting area. It has no controls and follows the stream for
// weeks.

import { styleMap } from "../../project/style-map.js";
import { translator } from "../../project/translate.js";
import { openLive } from "../../realtime/live.js";
import { reloadOnceIdle } from "../../realtime/page-reload.js";
import { repeat } from "../../vendor/lit-html/directives/repeat.js";
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { Clock } from "../board/util/clock.js";
import { connectionStatusView } from "../board/views/connection-status.js";
import { setRules } from "../rules.js";
import { cardsOf, countsOf, roomsOf } from "./rooms.js";

const CLOCK_STEP_MS = 5_000;
const MAX_COLUMNS = 5;

const config = JSON.parse(document.getElementById("wall-config").textContent);
setRules(config.rules);
const t = translator(config.texts);
const clock = new Clock(config.campaign.time_zone, config.language);
const part = (name) => document.getElementById(name);
/** @type {{rows: Map<string, any>, isReady: boolean, link: ConnectionState}} */
const page = { rows: new Map(), isReady: false, link: { name: "catching-up", since: new Date() } };
let shownDay = config.today;
/** @type {LiveList | null} */
let live = null; // calls back while it opens
const serverNow = () => live?.now() ?? new Date();

function draw() {
  const now = serverNow();
  followDay(clock.day(now));
  const cards = cardsOf(page.rows, clock.day(now));
  const rooms = roomsOf(cards, now);
  part("clock").textContent = clock.time(now);
  render(roomsView(rooms), part("rooms"));
  render(countsView(cards), part("counts"));
  render(connectionStatusView(page.link, { t, clock }), part("connection"));
}

function roomsView(rooms) {
  if (rooms.length === 0) {
    return html`<p class="wall-empty">${page.isReady ? t("wall_nothing") : "…"}</p>`;
  }
  const columns = Math.min(MAX_COLUMNS, Math.ceil(Math.sqrt(rooms.length * 1.3)));
  const rows = Math.ceil(rooms.length / columns);
  return html`<div class="wall-grid" style=${styleMap({ "--columns": columns, "--rows": rows })}>
    ${repeat(rooms, (room) => room.key, roomView)}
  </div>`;
}

const WORDS = {
  in_progress: "wall_in_progress",
  arrived: "wall_enter",
  scheduled: "wall_check_in",
  confirmed: "wall_check_in",
};

/** @param {any} room as roomsOf() makes it */
function roomView({ name, now, next, late }) {
  const status = now?.status ?? "free";
  return html`<section class="wall-room" data-status=${status} data-late=${late ? "yes" : "no"}>
    <h2><span>${name}</span>${late ? html`<b>${t("wall_late", { minutes: late })}</b>` : nothing}</h2>
    <p class="who">${now ? now.candidate : t("wall_free")}</p>
    <p class="what">${now ? wordOf(now) : next ? t("wall_from", { time: timeOf(next) }) : ""}</p>
    <p class="next">${next ? nextText(next) : t("wall_no_next")}</p>
  </section>`;
}

/** "Please go in" is shown only when it is time and an interviewer is there. */
function wordOf(card) {
  const isTime = Date.parse(card.expected_at ?? card.starts_at) <= serverNow().getTime();
  if (card.flags.includes("interviewer_missing")) return t("wall_wait");
  if (card.status === "arrived" && !isTime) return t("wall_at", { time: timeOf(card) });
  return t(WORDS[card.status]);
}

const timeOf = (card) => clock.time(card.expected_at ?? card.starts_at);

function nextText(card) {
  const key = card.expected_at ? "wall_next_expected" : "wall_next";
  return t(key, { candidate: card.candidate, time: timeOf(card) });
}

function countsView(cards) {
  return countsOf(cards).map(
    ([name, value]) => html`<span><b>${value}</b> ${t(`count_${name}`)}</span>`,
  );
}

// A new day begins at the campaign's midnight. The computer's clock may be wrong, so the server must
// have told its time.
function followDay(day) {
  if (!page.isReady || day === shownDay) return;
  shownDay = day;
  page.rows = new Map();
  page.isReady = false;
  live.follow(addressOf(day));
}

const addressOf = (day) => `${config.socket}?day=${day}`;

live = openLive({
  socket: addressOf(shownDay),
  onBoard(held) {
    page.rows = held.rows;
    page.isReady = held.position !== null;
    draw();
  },
  onState(link) {
    page.link = link;
    draw();
    if (link.name === "outdated") reloadOnceIdle(() => true); // there is no input on a wall
  },
});
setInterval(draw, CLOCK_STEP_MS);
draw();
