// The board: follows the stream, and draws what there is once per frame.

import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { openLive } from "../../realtime/live.js";
import { askBeforeLeaving, reloadOnceIdle } from "../../realtime/page-reload.js";
import { Announcer } from "./views/announcer.js";
import { App } from "./app.js";
import { columnsView } from "./views/status-columns.js";
import { countersView, filtersView } from "./views/counters.js";
import { attendDialogs, drawDialogs } from "./views/dialogs.js";
import { attendDrag } from "./actions/drag-and-drop.js";
import { gridView } from "./views/room-grid.js";
import { dayView, searchView, viewsView } from "./views/header.js";
import { attendKeys } from "./actions/keyboard.js";
import { laneView } from "./views/action-list.js";
import { lightView } from "./views/connection-status.js";
import { listView } from "./views/list.js";
import { arriveAtNow } from "./views/scroll-to-now.js";
import { readPlace } from "./util/url-state.js";
import { watchersView } from "./views/avatars.js";
import { sceneOf } from "./model/view-model.js";
import { trayView } from "./views/task-tray.js";

const CLOCK_STEP_MS = 15_000; // the now-line moves, and minutes pass, without any row
const VIEW_DRAWINGS = { rooms: gridView, status: columnsView, list: listView };

const app = new App(JSON.parse(document.getElementById("board-config").textContent));
const part = (name) => document.getElementById(name);
const parts = Object.fromEntries(
  ["day", "views", "find", "watchers", "light", "numbers", "filters", "lane", "stage", "tray"].map(
    (name) => [name, part(name)],
  ),
);

const announcer = new Announcer(part("spoken"));

function draw() {
  const scene = (app.scene = sceneOf(app, app.now()));
  if (app.selected === null || !app.rows.has(app.selected))
    app.selected = scene.shown[0]?.key ?? null;
  render(dayView(app, scene), parts.day);
  render(viewsView(app), parts.views);
  render(searchView(app), parts.find);
  render(watchersView(app), parts.watchers);
  render(lightView(app.link, { ...app, signIn: app.config.sign_in }), parts.light);
  render(countersView(app, scene), parts.numbers);
  render(filtersView(app, scene), parts.filters);
  render(laneView(app, scene), parts.lane);
  render(stageView(scene), parts.stage);
  render(trayView(app), parts.tray);
  drawDialogs(app);
  arriveAtNow(app, scene, parts.stage);
  if (app.isReady) announcer.hear(app, scene);
}

function stageView(scene) {
  const { say } = app;
  if (!app.isReady) return html`<p class="empty" aria-busy="true">${say("loading")}</p>`;
  if (scene.cards.length === 0) return emptyDay(scene);
  if (scene.shown.length === 0) {
    return html`<div class="empty"><strong>${say("empty_filter")}</strong>
      <p>${say("empty_filter_hint")}</p>
      <button class="button" @click=${() => app.clearFilter()}>${say("filter_clear")}</button></div>`;
  }
  return VIEW_DRAWINGS[app.view()](app, scene);
}

function emptyDay({ nextDay }) {
  const { say, clock } = app;
  const hint = nextDay
    ? say("empty_day_hint", { day: clock.dayText(nextDay) })
    : say("empty_day_none");
  return html`<div class="empty"><strong>${say("empty_day")}</strong><p>${hint}</p>
    ${
      nextDay
        ? html`<button class="button" @click=${() => app.go({ day: nextDay })}>${say("go_there")}</button>`
        : nothing
    }</div>`;
}

let isAsked = false;
app.refresh = () => {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(() => {
    isAsked = false;
    draw();
  });
};

const board = openLive({
  socket: app.config.socket,
  onBoard(held, latest) {
    app.rows = held.rows;
    app.latest = latest;
    app.isReady = held.position !== null;
    draw();
  },
  onState(link) {
    app.link = link;
    app.refresh();
    if (link.name === "outdated") reloadOnceIdle(() => app.isIdle());
  },
});
openLive({
  socket: app.config.tasks_socket,
  onBoard(held, latest) {
    app.tasks = held.rows;
    app.ticks = latest;
    app.refresh();
  },
});

app.now = board.now;
attendDialogs(app, board);
attendKeys(app);
attendDrag(app, parts.stage);
addEventListener("popstate", () => app.arrive(readPlace(location.hash)));
addEventListener("hashchange", () => app.arrive(readPlace(location.hash)));
askBeforeLeaving(() => app.form?.isTouched);
setInterval(app.refresh, CLOCK_STEP_MS);
draw();
