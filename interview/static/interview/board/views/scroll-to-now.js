// Coming to a day or a view, one wants to see now: not nine in the morning, not what is over.

import { isEnded } from "./card.js";
import { sorted } from "../model/sorting.js";

const LEFT_OF_NOW = 0.35; // of the width: what comes matters more than what was

let arrivedAt = "";

/** After a drawing: scroll the stage to now, once for each day and view. */
export function arriveAtNow(app, scene, stage) {
  const place = `${app.view()} ${scene.day}`;
  if (!app.isReady || scene.shown.length === 0 || place === arrivedAt) return;
  arrivedAt = place;
  const arrive = ARRIVALS[app.view()];
  if (scene.isToday && arrive) arrive(app, scene, stage);
}

const ARRIVALS = {
  rooms(app, scene, stage) {
    const now = stage.querySelector(".now-time");
    const name = stage.querySelector(".corner");
    if (!now) return;
    stage.scrollLeft = now.offsetLeft + name.offsetWidth - stage.clientWidth * LEFT_OF_NOW;
  },
  list(app, scene, stage) {
    if (stage.scrollHeight <= stage.clientHeight || app.sort.column !== "time") return;
    const first = sorted(scene.shown, app.sort).find(
      (card) => !isEnded(card) && card.status !== "feedback_due",
    );
    const line = first && stage.querySelector(`[data-key="${first.key}"]`)?.closest("[role=row]");
    const head = stage.querySelector(".list-head");
    if (line) stage.scrollTop = line.offsetTop - head.offsetHeight;
  },
};
