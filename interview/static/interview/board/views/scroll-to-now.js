// Scrolls the board to the current time when a day or a view is opened.

import { hasEnded } from "../../rules.js";
import { sorted } from "../model/sorting.js";

const LEFT_OF_NOW = 0.35; // part of the width left of the current time

let scrolledFor = "";

/** Scrolls the view to the current time after a drawing, once for each day, view and zoom. */
export function scrollToNow(app, viewModel, container) {
  const place = `${app.view()} ${viewModel.day} ${app.look.zoom}`;
  if (!app.isReady || viewModel.shown.length === 0 || place === scrolledFor) return;
  scrolledFor = place;
  const arrive = SCROLLERS[app.view()];
  if (viewModel.isToday && arrive) arrive(app, viewModel, container);
}

const SCROLLERS = {
  rooms(_app, _viewModel, container) {
    const now = container.querySelector(".now-time");
    const name = container.querySelector(".corner");
    if (!now) return;
    container.scrollLeft = now.offsetLeft + name.offsetWidth - container.clientWidth * LEFT_OF_NOW;
  },
  list(app, viewModel, container) {
    if (container.scrollHeight <= container.clientHeight || app.sort.column !== "time") return;
    const first = sorted(viewModel.shown, app.sort).find(
      (card) => !hasEnded(card) && card.status !== "feedback_due",
    );
    const line =
      first && container.querySelector(`[data-key="${first.key}"]`)?.closest("[role=row]");
    const head = container.querySelector(".list-head");
    if (line) container.scrollTop = line.offsetTop - head.offsetHeight;
  },
};
