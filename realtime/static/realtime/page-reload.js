// Reloads a page that an update of the site made outdated, as soon as nothing would be lost: what
// is being typed matters more than the newest version.

import { browser } from "./environment.js";

export const SPREAD_MS = 10_000; // so that not every screen reloads at the same moment
export const YOUNGEST_MS = 10_000; // during an update a reload may still be answered by the old version
export const ASK_EVERY_MS = 1_000;

/**
 * Reloads the page once `isIdle` says that nothing would be lost and the server answers.
 * @param {() => boolean} isIdle
 */
export function reloadOnceIdle(isIdle, environment = browser) {
  const young = YOUNGEST_MS - environment.monotonicNow(); // monotonicNow() counts from the load of the page
  const wait = Math.max(environment.random() * SPREAD_MS, young);
  const later = () => environment.setTimeout(attempt, ASK_EVERY_MS);
  const attempt = () => (isIdle() ? environment.checkServer(decide) : later());
  // An old page is better than the browser's error page, which would stay.
  const decide = (isThere) => (isThere && isIdle() ? environment.reload() : later());
  environment.setTimeout(attempt, wait);
}

/**
 * Asks for confirmation before leaving the page while there is unsaved input.
 * @param {() => boolean} isTyping
 */
export function confirmBeforeLeaving(isTyping) {
  addEventListener("beforeunload", (event) => isTyping() && event.preventDefault());
}
