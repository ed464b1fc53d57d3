// Page script of the operations page: follows the live list, and polls the site when the list is
// silent.

import { pluralTranslator, translator } from "../project/translate.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { browser } from "./environment.js";
import { openLive } from "./live.js";
import { fetchStatus, pollWhenSilent } from "./ops-polling.js";
import { openView } from "./ops-view.js";
import { buildOpsView, mergeStatus, newest } from "./ops-view-model.js";
import { reloadOnceIdle } from "./page-reload.js";
import { timeZone } from "./time-zone.js";

const POLLED = new Set(["live", "catching-up", "stalled", "offline"]);
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

const byKey = (list) => new Map(list.map((row) => [row.key, row]));

let rows = byKey(config.rows);
let standing = config.standing;
let lastStatus = null; // the newest status from the socket
let source = "served"; // then "live", "asked" or "nobody"
let connection = { name: "", since: new Date() };
let isFirst = true; // the served page stays until there is news

function draw() {
  if (isFirst) home.replaceChildren();
  isFirst = false;
  const shown = buildOpsView(rows, standing, { ...config, now: live.now().getTime() });
  render(view({ ...shown, source }), home);
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
  draw();
}

function onAnswer(answer) {
  source = answer ? "asked" : "nobody";
  if (answer?.standing) {
    standing = answer.standing;
    rows = byKey(answer.rows);
  } else if (answer) standing = { ...standing, ...answer, at: live.now().toISOString() };
  showState(connection);
  draw();
}

// An open socket is not live until the relay's status has arrived on it. While the site answers
// over HTTP, what the page shows is neither live nor old.
function nameOf({ name }) {
  if (source === "asked" && POLLED.has(name)) return "polling";
  return name === "live" && source !== "live" ? "catching-up" : name;
}

function showState(state) {
  connection = state;
  const name = nameOf(state);
  if (!name) return;
  connectionStatus.dataset.state = name;
  render(
    html`<span class="dot"></span>${t(`live.${name}`, { time: clock.format(state.since) })}${
      name === "outdated" ? html` <a href="">${t("live.reload")}</a>` : nothing
    }`,
    connectionStatus,
  );
  if (name === "outdated") reloadOnceIdle(() => true);
}

const ask = () => fetchStatus(config);
const asking = pollWhenSilent({ silentMs: config.silent_ms, ask, onAnswer }, browser);
const live = openLive({ socket: "/ws/ops/", onBoard, onState: showState });
