// A page from before an update of the site loads itself anew, once nobody is in the midst of
// anything: what is being typed is worth more than the newest version.

import { browser } from "./environment.js";

export const SPREAD_MS = 10_000; // not every screen in the same moment
export const YOUNGEST_MS = 10_000; // while a site is updated, a new page may come from the old half
export const ASK_EVERY_MS = 1_000;

/** @param {() => boolean} isIdle whether nothing would be lost */
export function reloadOnceIdle(isIdle, environment = browser) {
  const young = YOUNGEST_MS - environment.steady(); // which counts from when the page was loaded
  const wait = Math.max(environment.random() * SPREAD_MS, young);
  const later = () => environment.setTimeout(attempt, ASK_EVERY_MS);
  const attempt = () => (isIdle() ? environment.askForPage(decide) : later());
  // An old page is better than the browser's own, which says that nobody answers and stays so.
  const decide = (isThere) => (isThere && isIdle() ? environment.reload() : later());
  environment.setTimeout(attempt, wait);
}

/** Leaving by a slip asks first, while something is typed that nobody has yet. */
export function confirmBeforeLeaving(isTyping) {
  addEventListener("beforeunload", (event) => isTyping() && event.preventDefault());
}
