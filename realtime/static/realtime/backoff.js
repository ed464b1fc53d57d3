// Delay before reconnecting: exponential with full jitter, so that a thousand browsers that lost
// the same server do not all return at the same moment.

export const FIRST_DELAY_MS = 500;
export const MAX_DELAY_MS = 30_000;

/**
 * Milliseconds to wait before reconnecting.
 * @param {number} attempt number of failed attempts since the board was last live
 * @param {() => number} random returns a number in [0, 1)
 */
export function reconnectDelay(attempt, random = Math.random) {
  const ceiling = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
  return Math.round(random() * ceiling);
}
