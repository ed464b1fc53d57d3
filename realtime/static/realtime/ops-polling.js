// Polls the site over HTTP when the live list is silent: Redis or the relay may be what is down.

export const ASK_EVERY_MS = 5_000;

/**
 * Starts to poll when the live list has been silent for `silentMs`. Calls `onAnswer` with each
 * answer, which is null if the site cannot be reached.
 * @param {{silentMs: number, ask: () => Promise<any>, onAnswer: (answer: any) => void}} page
 * @param {{setTimeout: Function, clearTimeout: Function}} environment
 * @returns {{ reset: () => void }} reset: call it when the live list has sent something
 */
export function pollWhenSilent({ silentMs, ask, onAnswer }, environment) {
  let timer = null;
  let turn = 0; // answers to requests of an earlier turn are ignored

  function wait(milliseconds) {
    environment.clearTimeout(timer);
    timer = environment.setTimeout(put, milliseconds);
  }

  async function put() {
    const mine = turn;
    const answer = await ask();
    if (mine !== turn) return;
    onAnswer(answer);
    wait(ASK_EVERY_MS);
  }

  function reset() {
    turn += 1;
    wait(silentMs);
  }

  reset();
  return { reset };
}

/**
 * The status from the operations page, else from /readyz; null if the site cannot be reached.
 * @param {{now: string, ready: string}} addresses
 */
export async function fetchStatus({ now, ready }, fetch = globalThis.fetch) {
  const status = await json(fetch, now, (answer) => answer.ok);
  if (status) return status;
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
      signal: AbortSignal.timeout(ASK_EVERY_MS), // a site that hangs counts as unreachable
    });
    return isGood(answer) ? await answer.json() : null;
  } catch {
    return null; // no network, no answer in time, or an answer that is not JSON
  }
}
