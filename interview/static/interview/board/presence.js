// Who else watches the board, and who has which card open.

import { html, nothing } from "../../vendor/lit-html/lit-html.js";
import { namesText } from "./speak.js";

const FACES_SHOWN = 3;

/** Presence rows of everybody but the reader; of one card only, when a key is given. */
export function watchersOf(app, key = null) {
  return [...app.latest.values()].filter(
    (row) =>
      row.kind === "presence" &&
      row.user !== app.config.user.id &&
      (key === null || row.watching === key),
  );
}

/** One value for `same`: whose faces a card shows. */
export const facesOn = (app, key) =>
  watchersOf(app, key)
    .map((one) => one.initials)
    .join();

/** The others who have this board open, as initials. */
export function watchersView(app) {
  return facesView(app, watchersOf(app), "watching", "avatars");
}

/** Who else has this card open. */
export function openByView(app, card) {
  return facesView(app, watchersOf(app, card.key), "open_by", "avatars open-by");
}

function facesView(app, people, textKey, className) {
  if (people.length === 0) return nothing;
  const text = app.say(textKey, {
    names: namesText(people.map((one) => one.name), app.config.language),
  });
  const hidden = people.length - FACES_SHOWN;
  return html`<span class=${className} role="img" aria-label=${text} title=${text}>
    ${people
      .slice(0, FACES_SHOWN)
      .map((one) => html`<span class="avatar" aria-hidden="true">${one.initials}</span>`)}
    ${hidden > 0 ? html`<span class="avatar" aria-hidden="true">+${hidden}</span>` : nothing}
  </span>`;
}
