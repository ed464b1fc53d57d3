// The state of the live connection, as the board and the wall show it.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";

const WORDS = {
  live: "live",
  "catching-up": "catching_up",
  stalled: "stalled",
  offline: "offline",
  outdated: "outdated",
  "signed-out": "signed_out",
  refused: "refused",
  broken: "broken",
};

const RELOADS = new Set(["broken", "outdated"]);

// Following the link would lose the URL fragment with view, day and card.
function reload(event) {
  event.preventDefault();
  location.reload();
}

/**
 * @param {ConnectionState} link the state reported by openLive()
 * @param {{t: Translate, clock: {time: (moment: Date) => string}, signIn?: string | null}} page
 *   signIn: the URL of the sign-in page, if one is offered
 */
export function connectionStatusView(link, { t, clock, signIn = null }) {
  const text = t(WORDS[link.name], { time: clock.time(link.since) });
  return html`<span class="live" data-state=${link.name} role="status">
    <span class="dot" aria-hidden="true"></span><span class="live-text">${text}</span>
    ${link.name === "signed-out" && signIn ? html`<a href=${signIn}>${t("sign_in")}</a>` : nothing}
    ${RELOADS.has(link.name) ? html`<a href="" @click=${reload}>${t("reload")}</a>` : nothing}
  </span>`;
}
