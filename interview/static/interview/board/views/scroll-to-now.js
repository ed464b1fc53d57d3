// Scrolls the board to the current time when a day or a view is opened.

import { hasEnded } from "../../rules.js";
import { sorted } from "../model/sorting.js";

const LEFT_OF_NOW = 0.35; // part of the width left of the current time

let scrolledFor = "";

/** Scrolls the stage to the current time after a drawing, once for each day and view. */
export function scrollToNow(app, viewModel, stage) {
  const place = `${app.view()} ${viewModel.day}`;
  if (!app.isReady || viewModel.shown.length === 0 || place === scrolledFor) return;
  scrolledFor = place;
  const arrive = SCROLLERS[app.view()];
  if (viewModel.isToday && arrive) arrive(app, viewModel, stage);
}

const SCROLLERS = {
  rooms(_app, _viewModel, stage) {
    const now = stage.querySelector(".now-time");
    const name = stage.querySelector(".corner");
    if (!now) return;
    stage.scrollLeft = now.offsetLeft + name.offsetWidth - stage.clientWidth * LEFT_OF_NOW;
  },
  list(app, viewModel, stage) {
    if (stage.scrollHeight <= stage.clientHeight || app.sort.column !== "time") return;
    const first = sorted(viewModel.shown, app.sort).find(
      (card) => !hasEnded(card) && card.status !== "feedback_due",
    );
    const line = first && stage.querySelector(`[data-key="${first.key}"]`)?.closest("[role=row]");
    const head = stage.querySelector(".list-head");
    if (line) stage.scrollTop = line.offsetTop - head.offsetHeight;
  },
};
