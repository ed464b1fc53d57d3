// Coming to a day or a view, one wants to see now: not nine in the morning, not what is over.

import { isEnded } from "./card.js";
import { sorted } from "../model/sorting.js";

const LEFT_OF_NOW = 0.35; // of the width: what comes matters more than what was

let scrolledFor = "";

/** After a drawing: scroll the stage to now, once for each day and view. */
export function scrollToNow(app, viewModel, stage) {
  const place = `${app.view()} ${viewModel.day}`;
  if (!app.isReady || viewModel.shown.length === 0 || place === scrolledFor) return;
  scrolledFor = place;
  const arrive = SCROLLERS[app.view()];
  if (viewModel.isToday && arrive) arrive(app, viewModel, stage);
}

const SCROLLERS = {
  rooms(app, viewModel, stage) {
    const now = stage.querySelector(".now-time");
    const name = stage.querySelector(".corner");
    if (!now) return;
    stage.scrollLeft = now.offsetLeft + name.offsetWidth - stage.clientWidth * LEFT_OF_NOW;
  },
  list(app, viewModel, stage) {
    if (stage.scrollHeight <= stage.clientHeight || app.sort.column !== "time") return;
    const first = sorted(viewModel.shown, app.sort).find(
      (card) => !isEnded(card) && card.status !== "feedback_due",
    );
    const line = first && stage.querySelector(`[data-key="${first.key}"]`)?.closest("[role=row]");
    const head = stage.querySelector(".list-head");
    if (line) stage.scrollTop = line.offsetTop - head.offsetHeight;
  },
};
