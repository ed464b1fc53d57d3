// Drag and drop with a mouse or pen: on the grid a drop changes time, room or interviewer, between
// status columns it takes the action that leads to the column. A drop opens the form, or takes a
// one-click action at once. Touch is left to scrolling.

import { actionBetween, startMinuteAt } from "../model/drop-target.js";
import { timeOf } from "../util/clock.js";
import { act, mayTake } from "./interview-actions.js";

const DRAG_THRESHOLD_PIXELS = 6; // a shorter movement is a click
const NEEDS_FORM = new Set(["no-show", "cancel"]);

export function bindDragAndDrop(app, container) {
  let drag = null; // the card under the pressed pointer

  container.addEventListener("pointerdown", (event) => {
    const element = event.target.closest(".slot, .tile");
    if (!element || event.button !== 0 || event.pointerType === "touch") return;
    const card = app.rows.get(element.dataset.key);
    const grabOffset = event.clientX - element.getBoundingClientRect().left;
    const lane = Number(element.closest(".room-timeline")?.dataset.lane);
    const { clientX: x, clientY: y } = event;
    drag = { card, lane, grabOffset, x, y, isLifted: false, drop: null };
    addEventListener("pointermove", move);
    addEventListener("pointerup", release, { once: true });
    addEventListener("pointercancel", endDrag, { once: true });
    addEventListener("keydown", cancelOnEscape, true);
  });

  function move(event) {
    const distance = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
    if (!drag.isLifted && distance < DRAG_THRESHOLD_PIXELS) return;
    drag.isLifted = true;
    drag.drop = app.view() === "rooms" ? onGrid(app, drag, event) : onColumns(app, drag, event);
    app.ghost = drag.drop?.ghost ?? null;
    app.drop = drag.drop?.target ?? null;
    document.body.classList.add("dragging");
    app.refresh();
  }

  function release() {
    const { drop, isLifted } = drag;
    endDrag();
    if (!isLifted) return;
    addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
    setTimeout(() => drop?.run());
  }

  function endDrag() {
    drag = null;
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", release);
    removeEventListener("pointercancel", endDrag);
    removeEventListener("keydown", cancelOnEscape, true);
    document.body.classList.remove("dragging");
    app.ghost = app.drop = null;
    app.refresh();
  }

  function cancelOnEscape(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    endDrag();
  }
}

const under = (event, selector) =>
  document.elementFromPoint(event.clientX, event.clientY)?.closest(selector);

/**
 * The drop on the grid: the preview to draw, and the form to open. Null outside of its rows, or when
 * the interview cannot be rescheduled. On another interviewer's row, that person takes over.
 */
function onGrid(app, drag, event) {
  const { card } = drag;
  const timeline = under(event, ".room")?.querySelector(".room-timeline");
  if (!timeline) return null;
  const lane = Number(timeline.dataset.lane);
  if (app.lanes() === "interviewers" && lane !== drag.lane) return handOver(app, drag, lane);
  if (app.lanes() === "candidates" && lane !== drag.lane) return null;
  if (!mayTake(app, card, "reschedule")) return null;
  return reschedule(app, drag, { event, timeline, lane });
}

function reschedule(app, { card, grabOffset }, { event, timeline, lane }) {
  const { day, span } = app.viewModel;
  const length = (Date.parse(card.ends_at) - Date.parse(card.starts_at)) / 60_000;
  const from = startMinuteAt(
    event.clientX - grabOffset,
    timeline.getBoundingClientRect(),
    span,
    length,
  );
  const room = app.lanes() === "rooms" ? lane : card.room_id;
  const starts = Date.parse(app.clock.moment(day, from));
  const place = { room, from: starts, to: starts + length * 60_000 };
  const values = {
    start: timeOf(from),
    end: timeOf(from + length),
    room: String(room),
    reason: app.t("form_moved"),
  };
  return {
    ghost: { key: card.key, card, lane, from, to: from + length, place },
    run: () => app.openForm(card, "reschedule", values),
  };
}

/** Another interviewer instead of the one from whose row the card was dragged. */
function handOver(app, { card, lane: leaving }, joining) {
  const isAssigned = card.assignments.some((one) => one.id === joining);
  if (!joining || isAssigned || !mayTake(app, card, "reassign")) return null;
  const { clock, viewModel } = app;
  const [from, to] = [card.starts_at, card.ends_at].map((at) => clock.minuteOn(viewModel.day, at));
  const values = {
    remove: leaving ? [leaving] : [],
    add: [joining],
    reason: app.t("form_handed_over"),
  };
  return {
    ghost: { key: card.key, card, lane: joining, from, to, place: null },
    run: () => app.openForm(card, "reassign", values),
  };
}

/** The drop on a status column: the action that leads there, if the state machine has one. */
function onColumns(app, { card }, event) {
  const status = under(event, ".column")?.dataset.status;
  const action = actionBetween(app.config.transitions, card.status, status);
  if (!action) return { target: { key: card.key, status: null }, run: () => {} };
  const run = () => (NEEDS_FORM.has(action) ? app.openForm(card, action) : act(app, card, action));
  return { target: { key: card.key, status }, run };
}
