// Page script of the board: follows the live lists and draws the page at most once per animation
// frame.

import { openLive } from "../../realtime/live.js";
import { confirmBeforeLeaving, reloadOnceIdle } from "../../realtime/page-reload.js";
import { html, nothing, render } from "../../vendor/lit-html/lit-html.js";
import { setRules } from "../rules.js";
import { bindDragAndDrop } from "./actions/drag-and-drop.js";
import { bindKeyboard } from "./actions/keyboard.js";
import { App } from "./app.js";
import { DayLists } from "./day-lists.js";
import { isFilteredBeyondRooms } from "./model/filters.js";
import { buildViewModel } from "./model/view-model.js";
import { nearestBusyDay } from "./util/other-days.js";
import { actionListView } from "./views/action-list.js";
import { Announcer } from "./views/announcer.js";
import { viewersView } from "./views/avatars.js";
import { connectionStatusView } from "./views/connection-status.js";
import { countersView, filtersView } from "./views/counters.js";
import { bindDialogs, drawDialogs } from "./views/dialogs.js";
import { dayView, searchView, viewsView } from "./views/header.js";
import { listView } from "./views/list.js";
import { gridView } from "./views/room-grid.js";
import { scrollToNow } from "./views/scroll-to-now.js";
import { columnsView } from "./views/status-columns.js";
import { trayView } from "./views/task-tray.js";

const CLOCK_STEP_MS = 15_000; // the line at the current time moves without any frame
const VIEW_DRAWINGS = { rooms: gridView, status: columnsView, list: listView };

const config = JSON.parse(document.getElementById("board-config").textContent);
setRules(config.rules);
const app = new App(config);
const part = (name) => document.getElementById(name);
const parts = Object.fromEntries(
  [
    "day",
    "views",
    "find",
    "viewers",
    "connection",
    "numbers",
    "filters",
    "actions",
    "view",
    "tray",
  ].map((name) => [name, part(name)]),
);

const announcer = new Announcer(part("spoken"));

function draw() {
  const viewModel = buildViewModel(app, app.now());
  lists.follow(viewModel);
  app.viewModel = viewModel;
  if (!app.rows.has(app.selected)) app.selected = viewModel.shown[0]?.key ?? null;
  render(dayView(app, viewModel), parts.day);
  render(viewsView(app), parts.views);
  render(searchView(app), parts.find);
  render(viewersView(app), parts.viewers);
  render(connectionStatusView(app.link, { ...app, signIn: app.config.sign_in }), parts.connection);
  render(countersView(app, viewModel), parts.numbers);
  render(filtersView(app, viewModel), parts.filters);
  render(actionListView(app, viewModel), parts.actions);
  render(currentView(viewModel), parts.view);
  render(trayView(app), parts.tray);
  drawDialogs(app);
  scrollToNow(app, viewModel, parts.view);
  if (app.isReady) announcer.update(app, viewModel);
}

function currentView(viewModel) {
  const { t } = app;
  if (!app.isReady) return html`<p class="empty" aria-busy="true">${t("loading")}</p>`;
  if (viewModel.cards.length === 0) return emptyDay(viewModel);
  if (viewModel.shown.length === 0 && !showsFreeRooms()) {
    return html`<div class="empty"><strong>${t("empty_filter")}</strong>
      <p>${t("empty_filter_hint")}</p>
      <button class="button" @click=${() => app.clearFilter()}>${t("filter_clear")}</button></div>`;
  }
  return VIEW_DRAWINGS[app.view()](app, viewModel);
}

/** A chosen room without interviews is worth seeing: it is free. */
const showsFreeRooms = () =>
  app.view() === "rooms" && app.lanes() === "rooms" && !isFilteredBeyondRooms(app.filter);

function emptyDay(viewModel) {
  const { t, clock } = app;
  const nearest = nearestBusyDay(app, viewModel.day);
  const text = nearest > viewModel.day ? "empty_day_hint" : "empty_day_before";
  const hint = nearest ? t(text, { day: clock.dayText(nearest) }) : t("empty_day_none");
  return html`<div class="empty"><strong>${t("empty_day")}</strong><p>${hint}</p>
    ${
      nearest
        ? html`<button class="button" @click=${() => app.navigate({ day: nearest })}>${t("go_there")}</button>`
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

const lists = new DayLists(app, {
  draw,
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

app.now = lists.now;
bindDialogs(app, lists);
bindKeyboard(app);
bindDragAndDrop(app, parts.view);
addEventListener("popstate", () => app.followUrl());
addEventListener("hashchange", () => app.followUrl());
confirmBeforeLeaving(() => app.form?.isTouched);
setInterval(app.refresh, CLOCK_STEP_MS);
draw();
