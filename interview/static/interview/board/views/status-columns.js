// The status view: a column for each status, in the order in which an interview passes them.

import { classMap } from "../../../vendor/lit-html/directives/class-map.js";
import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { rules } from "../../rules.js";
import { initialsOn } from "../model/presence.js";
import { flashOnChange, guard } from "../util/directives.js";
import { openByView } from "./avatars.js";
import { cardText, flagsView, hasAlert, peopleText, timesText } from "./card.js";

const STATUSES = [
  "scheduled",
  "confirmed",
  "arrived",
  "in_progress",
  "feedback_due",
  "completed",
  "no_show",
  "cancelled",
];

export function columnsView(app, viewModel) {
  const held = new Map(STATUSES.map((status) => [status, []]));
  for (const card of viewModel.shown) held.get(card.status).push(card);
  for (const status of rules.ended) held.get(status).reverse(); // latest first
  const columns = [...held].filter(
    ([status, cards]) => cards.length || !rules.not_taking_place.includes(status),
  );
  return html`<div class="columns" role="group" aria-label=${app.t("columns")}>
    ${repeat(
      columns,
      ([status]) => status,
      ([status, cards]) => columnView(app, status, cards),
    )}
  </div>`;
}

function columnView(app, status, cards) {
  const name = app.config.statuses[status];
  const classes = classMap({ column: true, target: app.drop?.status === status });
  return html`<section class=${classes} data-status=${status} aria-label=${name}>
    <h3><span class="dot" aria-hidden="true"></span>${name}<span class="count">${cards.length}</span></h3>
    <div class="stack">
      ${repeat(
        cards,
        (card) => card.key,
        (card) => tileView(app, card),
      )}
      ${cards.length ? nothing : html`<p class="none">${app.t("nobody_here")}</p>`}
    </div>
  </section>`;
}

function tileView(app, card) {
  const isSelected = app.selected === card.key;
  const initials = initialsOn(app, card.key);
  const isLifted = app.drop?.key === card.key;
  return html`${guard([card, isSelected, initials, isLifted], () =>
    tile(app, card, { isSelected, isLifted }),
  )}`;
}

function tile(app, card, { isSelected, isLifted }) {
  return html`<button type="button" class=${classMap({ tile: true, over: hasAlert(card), lifted: isLifted })}
    data-key=${card.key} data-status=${card.status} tabindex=${isSelected ? 0 : -1}
    title=${cardText(app, card)} ${flashOnChange(card.version)}
    @click=${() => app.open(card.key)} @focus=${() => app.select(card.key)}>
    <span class="line"><b class="who">${card.candidate}</b>${openByView(app, card)}
      <time>${timesText(app, card)}</time></span>
    <span class="line"><span class="what">${card.job} · ${app.t("round_short", { number: card.round })}</span>
      <span class="where">${card.room}</span></span>
    <span class="with">${peopleText(app, card)}</span>
    ${card.flags.length ? html`<span class="flags">${flagsView(app, card)}</span>` : nothing}
  </button>`;
}
