// Page script of the operations page: follows the live list, and polls the site when the list is
// silent.

import { pluralTranslator, translator } from "../project/translate.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { browser } from "./environment.js";
import { openLive } from "./live.js";
import { fetchStatus, pollWhenSilent } from "./ops-polling.js";
import { openView } from "./ops-view.js";
import { buildOpsView, mergeRows, mergeStatus, newest } from "./ops-view-model.js";
import { reloadOnceIdle } from "./page-reload.js";
import { timeZone } from "./time-zone.js";

const OPEN = new Set(["live", "catching-up", "stalled", "offline"]); // states that may end
const AGE_STEP_MS = 1_000;
const STANDING = "standing:now";
const config = JSON.parse(document.getElementById("ops-config").textContent);
const home = document.getElementById("ops");
const connectionStatus = document.getElementById("ops-live");
const clock = new Intl.DateTimeFormat(config.language, {
  timeZone,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const t = translator(config.texts);
const count = pluralTranslator(t, config.language);
const view = openView({ ...config, t, count });

let rows = mergeRows(new Map(), config);
let unread = config.unread; // prefixes of the rows that could not be read
let standing = mergeStatus(null, config.standing);
let lastStatus = null; // the newest status from the socket
let source = "served"; // then "live", "asked" or "nobody"
let connection = { name: "", since: new Date() };
let live = null;

function draw() {
  const now = live.now().getTime();
  showState(connection);
  render(view({ ...buildOpsView(rows, standing, { ...config, now }), source, unread, now }), home);
}

function onBoard(board, latest) {
  const row = latest.get(STANDING) ?? null;
  if (row && newest(lastStatus, row) === row && row !== lastStatus) {
    lastStatus = row;
    standing = mergeStatus(standing, row);
    source = "live";
    asking.reset();
    showState(connection);
  }
  if (board.position === null || source !== "live") return;
  rows = board.rows;
  unread = [];
  draw();
}

function onAnswer(answer) {
  source = answer ? "asked" : "nobody";
  if (answer?.standing) {
    rows = mergeRows(rows, answer);
    unread = answer.unread;
  }
  const status = answer?.standing ?? (answer && { ...answer, at: live.now().toISOString() });
  if (status) standing = mergeStatus(standing, status);
  draw();
}

// While the site answers over HTTP, what the page shows is neither live nor old. An open socket is
// not live until the relay's status has arrived on it.
function shownState(state) {
  const isOld = live && live.now().getTime() - Date.parse(standing.at) > config.silent_ms;
  if (!OPEN.has(state.name)) return state;
  if (source === "asked" || (source === "live" && isOld && state.name === "live"))
    return { ...state, name: "polling" };
  if (source === "nobody") return { name: "stalled", since: new Date(standing.at) };
  return state.name === "live" && source !== "live" ? { ...state, name: "catching-up" } : state;
}

function onState(state) {
  if (state.name === "stalled" || state.name === "offline") asking.askNow();
  showState(state);
}

function showState(state) {
  connection = state;
  const { name, since } = shownState(state);
  if (!name) return;
  connectionStatus.dataset.state = name;
  render(
    html`<span class="dot"></span>${t(`live.${name}`, { time: clock.format(since) })}${
      name === "outdated" ? html` <a href="">${t("live.reload")}</a>` : nothing
    }`,
    connectionStatus,
  );
  if (name === "outdated") reloadOnceIdle(() => true);
}

const ask = () => fetchStatus(config);
const asking = pollWhenSilent({ silentMs: config.ask_after_ms, ask, onAnswer }, browser);
live = openLive({ socket: "/ws/ops/", onBoard, onState });
home.replaceChildren(); // the page as it was served, for browsers without scripts
draw();
setInterval(draw, AGE_STEP_MS);
