// Drag and drop with a mouse or pen: on the room grid a drop changes time and room, between status
// columns it takes the action that leads to the column. A drop opens the form, or takes a one-click
// action at once. Touch is left to scrolling.

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
    drag = { card, grabOffset, x: event.clientX, y: event.clientY, isLifted: false, drop: null };
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
 * The drop on the room grid: the preview to draw, and the form to open. Null outside of a room,
 * or when the interview cannot be rescheduled.
 */
function onGrid(app, { card, grabOffset }, event) {
  const timeline = under(event, ".room")?.querySelector(".room-timeline");
  if (!timeline || !mayTake(app, card, "reschedule")) return null;
  const { day, span } = app.viewModel;
  const length = (Date.parse(card.ends_at) - Date.parse(card.starts_at)) / 60_000;
  const from = startMinuteAt(
    event.clientX - grabOffset,
    timeline.getBoundingClientRect(),
    span,
    length,
  );
  const room = Number(timeline.dataset.room);
  const starts = Date.parse(app.clock.moment(day, from));
  const place = { room, from: starts, to: starts + length * 60_000 };
  const values = {
    start: timeOf(from),
    end: timeOf(from + length),
    room: String(room),
    reason: app.t("form_moved"),
  };
  return {
    ghost: { key: card.key, card, room, from, to: from + length, place },
    run: () => app.openForm(card, "reschedule", values),
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
