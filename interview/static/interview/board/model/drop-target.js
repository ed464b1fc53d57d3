// What dropping a dragged card means: the start minute on the room grid, or the action between two
// columns. Pure functions.

const STEP_MINUTES = 5;

/**
 * The minute at which a dropped card would start, rounded to steps and kept within the span.
 * @param {number} x left edge of the dragged card, in pixels of the page
 * @param {{left: number, width: number}} timeline the room's row, in pixels
 * @param {{from: number, to: number}} span the hours shown, in minutes of the day
 * @param {number} length of the interview, in minutes
 */
export function startMinuteAt(x, timeline, span, length) {
  const minute = span.from + ((x - timeline.left) / timeline.width) * (span.to - span.from);
  const stepped = Math.round(minute / STEP_MINUTES) * STEP_MINUTES;
  return Math.min(Math.max(stepped, span.from), span.to - length);
}

/** The action that leads directly from one status to another, or null. */
export function actionBetween(transitions, from, to) {
  const found = Object.entries(transitions).find(
    ([, step]) => step.to === to && step.from.includes(from),
  );
  return found ? found[0] : null;
}
