// When the live list says nothing, the page asks: Redis or the relay may be what is gone.

export const ASK_EVERY_MS = 5_000;

/**
 * @param {object} page
 *   silentMs  how long the live list may say nothing
 *   ask       () => Promise of what the site stands at, or of null
 *   told      (answer or null) is called with each answer
 * @returns {{ heard: () => void }} heard: the live list has spoken
 */
export function pollWhenSilent({ silentMs, ask, told }, environment) {
  let timer = null;
  let turn = 0; // what was asked before the list spoke again is not wanted any more

  function wait(milliseconds) {
    environment.clearTimeout(timer);
    timer = environment.setTimeout(put, milliseconds);
  }

  async function put() {
    const mine = turn;
    const answer = await ask();
    if (mine !== turn) return;
    told(answer);
    wait(ASK_EVERY_MS);
  }

  function heard() {
    turn += 1;
    wait(silentMs);
  }

  heard();
  return { heard };
}

/** What the page of operations answers; without it, what /readyz finds. Null: nobody answers. */
export async function fetchStatus({ now, ready }, fetch = globalThis.fetch) {
  const told = await json(fetch, now, (answer) => answer.ok);
  if (told) return told;
  const found = await json(fetch, ready, (answer) => answer.ok || answer.status === 503);
  if (!found?.checks) return null;
  const known = Object.keys(found.checks).filter((name) => found.checks[name].ok !== null);
  return { failing: known.filter((name) => !found.checks[name].ok), checked: known };
}

async function json(fetch, address, isGood) {
  try {
    const answer = await fetch(address, {
      cache: "no-store",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(ASK_EVERY_MS), // a site that hangs says nothing, either
    });
    return isGood(answer) ? await answer.json() : null;
  } catch {
    return null; // no network, no answer in time, or one that is a page
  }
}
