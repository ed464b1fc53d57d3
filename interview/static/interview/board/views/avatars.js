// Who else watches the board, and who has which card open, drawn as initials.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { namesText } from "../util/translate.js";
import { FACES_SHOWN, untoldOf, watchersOf } from "../model/presence.js";

/** The others who have this board open; a crowd as its first few and a number. */
export function watchersView(app) {
  return facesView(app, watchersOf(app), { untold: untoldOf(app), textKey: "watching" });
}

/** Who else has this card open. */
export function openByView(app, card) {
  const people = watchersOf(app, card.key);
  return facesView(app, people, { untold: 0, textKey: "open_by", className: "avatars open-by" });
}

function facesView(app, people, { untold, textKey, className = "avatars" }) {
  if (people.length === 0) return nothing;
  const names = people.map((one) => one.name);
  if (untold > 0) names.push(`+${untold}`);
  const text = app.say(textKey, { names: namesText(names, app.config.language) });
  const hidden = Math.max(0, people.length - FACES_SHOWN) + untold;
  return html`<span class=${className} role="img" aria-label=${text} title=${text}>
    ${people
      .slice(0, FACES_SHOWN)
      .map((one) => html`<span class="avatar" aria-hidden="true">${one.initials}</span>`)}
    ${hidden > 0 ? html`<span class="avatar more" aria-hidden="true">+${hidden}</span>` : nothing}
  </span>`;
}
