// Polls the site over HTTP when the live list is silent: Redis or the relay may be what is down.

export const ASK_EVERY_MS = 5_000;

/**
 * Starts to poll when the live list has been silent for `silentMs`. Calls `onAnswer` with each
 * answer, which is null if the site cannot be reached.
 * @param {{silentMs: number, ask: () => Promise<any>, onAnswer: (answer: any) => void}} page
 * @param {{setTimeout: Function, clearTimeout: Function}} environment
 * @returns {{ reset: () => void, askNow: () => void }} reset: call it when the live list has sent
 *   something; askNow: when it is known to be silent
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

  function askNow() {
    turn += 1;
    wait(0);
  }

  reset();
  return { reset, askNow };
}

/**
 * The status from the operations page, else the results of the checks from /readyz, without any
 * number; null if the site cannot be reached.
 * @param {{now: string, ready: string}} addresses
 */
export async function fetchStatus({ now, ready }, fetch = globalThis.fetch) {
  const status = await json(fetch, now, (answer) => answer.ok);
  if (status) return status;
  const found = await json(fetch, ready, (answer) => answer.ok || answer.status === 503);
  if (!found?.checks) return null;
  const { checks } = found;
  const having = (ok) => Object.keys(checks).filter((name) => checks[name].ok === ok);
  const failing = having(false);
  const because = failing.filter((name) => checks[name].because);
  return {
    checked: [...having(true), ...failing],
    unknown: having(null),
    failing,
    because: Object.fromEntries(because.map((name) => [name, checks[name].because])),
  };
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
