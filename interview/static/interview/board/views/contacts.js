// How to reach the people of the open card. Contacts are not in the rows: they are asked for when
// somebody wants to call or write, and the server records who has looked.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { showRefusal } from "../util/refusal.js";

/**
 * A button that fetches the contacts of the card, then the contacts. They are fetched again for
 * another version of the card, whose people may be others.
 * @param {App} app
 * @param {InterviewCard} card
 */
export function contactsView(app, card) {
  const { t } = app;
  const found = foundFor(app, card);
  return html`<section class="contacts">
    <h3>${t("contacts")}</h3>
    ${
      found?.candidate
        ? listView(app, found)
        : html`<button type="button" class="button small" ?disabled=${found !== null}
            @click=${() => lookUp(app, card)}>${t("contacts_show")}</button>`
    }
  </section>`;
}

/** A button for an action item that fetches the contacts of its card. */
export function contactsButton(app, card) {
  const found = foundFor(app, card);
  if (found?.candidate) return nothing;
  return html`<button type="button" class="button small" ?disabled=${found !== null}
    @click=${() => lookUp(app, card)}>${app.t("contacts_call")}</button>`;
}

/** The contacts of an action item's card, if somebody has asked for them. */
export function foundContactsView(app, card) {
  const found = foundFor(app, card);
  return found?.candidate ? html`<div class="contacts">${listView(app, found)}</div>` : nothing;
}

function foundFor({ contacts }, card) {
  return contacts?.key === card.key && contacts.version === card.version ? contacts : null;
}

function listView(app, { candidate, interviewers }) {
  return html`<dl class="facts">
    ${[candidate, ...interviewers].map((one) => personView(app, one))}
  </dl>`;
}

async function lookUp(app, { id, key, version }) {
  app.contacts = { key, version };
  app.refresh();
  const answer = await app.api.get(`interviews/${id}/contacts/`);
  if (app.contacts?.key !== key) return;
  app.contacts = answer.ok ? { key, version, ...answer.body } : null;
  if (!answer.ok) showRefusal(app, answer);
  app.refresh();
}

function personView(app, { name, mobile, email }) {
  const none = html`<span class="muted">${app.t("contacts_none")}</span>`;
  return html`<dt>${name}</dt><dd>
    ${mobile ? contactView(app, `tel:${mobile}`, mobile) : nothing}
    ${email ? contactView(app, `mailto:${email}`, email) : nothing}
    ${mobile || email ? nothing : none}
  </dd>`;
}

function contactView(app, href, text) {
  const { t } = app;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    app.contacts = { ...app.contacts, copied: text };
    app.refresh();
  };
  const label = app.contacts.copied === text ? t("contacts_copied") : t("copy");
  return html`<span class="contact"><a href=${href}>${text}</a>
    ${
      navigator.clipboard // only on secure pages
        ? html`<button type="button" class="button quiet small" @click=${copy}
            aria-label=${`${label} ${text}`}>${label}</button>`
        : nothing
    }</span>`;
}
