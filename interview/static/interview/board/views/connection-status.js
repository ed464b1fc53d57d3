// The live light: says what it knows of the connection, and never pretends.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";

const WORDS = {
  live: "live",
  "catching-up": "catching_up",
  offline: "offline",
  outdated: "outdated",
  "signed-out": "signed_out",
  refused: "refused",
  broken: "broken",
};

const RELOADS = new Set(["broken", "outdated"]);

// Following the link itself would lose the view, day and card that the address names.
function reload(event) {
  event.preventDefault();
  location.reload();
}

/**
 * @param {{name: string, since: Date}} link as openLive() tells it
 * @param {object} app t, clock; sign_in, the address, where one may sign in again
 */
export function connectionStatusView(link, { t, clock, signIn = null }) {
  const text = t(WORDS[link.name], { time: clock.time(link.since) });
  return html`<span class="live" data-state=${link.name} role="status">
    <span class="dot" aria-hidden="true"></span><span class="live-text">${text}</span>
    ${link.name === "signed-out" && signIn ? html`<a href=${signIn}>${t("sign_in")}</a>` : nothing}
    ${RELOADS.has(link.name) ? html`<a href="" @click=${reload}>${t("reload")}</a>` : nothing}
  </span>`;
}
