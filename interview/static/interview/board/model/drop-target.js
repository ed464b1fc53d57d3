// Where a dragged card lands: the minute on the grid, the action between two columns. Pure.

const STEP_MINUTES = 5;

/**
 * The minute at which a card of some length would begin, in steps, within the span.
 * @param {number} x left edge of the dragged card, in pixels of the page
 * @param {{left: number, width: number}} lane
 */
export function startMinuteAt(x, lane, span, length) {
  const minute = span.from + ((x - lane.left) / lane.width) * (span.to - span.from);
  const stepped = Math.round(minute / STEP_MINUTES) * STEP_MINUTES;
  return Math.min(Math.max(stepped, span.from), span.to - length);
}

/** The action that leads from one status straight to another, or null. */
export function actionBetween(transitions, from, to) {
  const found = Object.entries(transitions).find(
    ([, step]) => step.to === to && step.from.includes(from),
  );
  return found ? found[0] : null;
}
