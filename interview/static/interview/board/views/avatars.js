// Initials of the people who view the board or have a card open.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { AVATARS_SHOWN, unlistedCount, viewersOf } from "../model/presence.js";
import { namesText } from "../util/format.js";

/** The other people who have this board open: the first few, and the number of the rest. */
export function viewersView(app) {
  return avatarsView(app, viewersOf(app), { unlisted: unlistedCount(app), textKey: "watching" });
}

/** The other people who have this card open. */
export function openByView(app, card) {
  const people = viewersOf(app, card.key);
  return avatarsView(app, people, {
    unlisted: 0,
    textKey: "open_by",
    className: "avatars open-by",
  });
}

function avatarsView(app, people, { unlisted, textKey, className = "avatars" }) {
  if (people.length === 0) return nothing;
  const names = people.map((one) => one.name);
  if (unlisted > 0) names.push(`+${unlisted}`);
  const text = app.t(textKey, { names: namesText(names, app.config.language) });
  const hidden = Math.max(0, people.length - AVATARS_SHOWN) + unlisted;
  return html`<span class=${className} role="img" aria-label=${text} title=${text}>
    ${people
      .slice(0, AVATARS_SHOWN)
      .map((one) => html`<span class="avatar" aria-hidden="true">${one.initials}</span>`)}
    ${hidden > 0 ? html`<span class="avatar more" aria-hidden="true">+${hidden}</span>` : nothing}
  </span>`;
}
