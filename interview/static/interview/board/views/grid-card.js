// A card on the room grid. Container queries hide details when it is narrow or low.

import { styleMap } from "../../../project/style-map.js";
import { classMap } from "../../../vendor/lit-html/directives/class-map.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { hasEnded } from "../../rules.js";
import { positionOf } from "../model/grid-layout.js";
import { initialsOn } from "../model/presence.js";
import { flashOnChange, guard } from "../util/directives.js";
import { openByView } from "./avatars.js";
import { cardText, hasAlert, mostUrgentFlag, peopleText, statusText } from "./card.js";

export function slotView(app, viewModel, slot, span, levels) {
  const { card } = slot;
  const look = {
    elapsed: elapsedOf(card, slot, viewModel),
    isSelected: app.selected === card.key,
    isLifted: app.ghost?.key === card.key,
  };
  const place = `${slot.level}/${levels} ${span.from}-${span.to} ${app.lanes()}`;
  const initials = initialsOn(app, card.key);
  return html`${guard([card, place, initials, ...Object.values(look)], () =>
    cardView(app, slot, span, levels, look),
  )}`;
}

/** How much of a running interview's time has passed, in percent; 0 for others. */
function elapsedOf(card, slot, viewModel) {
  if (card.status !== "in_progress" || !viewModel.isToday) return 0;
  const part = (viewModel.minute - slot.from) / (slot.to - slot.from);
  return Math.round(Math.min(Math.max(part, 0), 1) * 100);
}

function cardView(app, slot, span, levels, look) {
  const { card } = slot;
  const { left, width } = positionOf(slot.from, slot.to, span);
  const classes = {
    slot: true,
    past: hasEnded(card),
    running: card.status === "in_progress",
    over: hasAlert(card),
    lifted: look.isLifted,
  };
  const style = {
    left: `${left}%`,
    width: `calc(${width}% - 4px)`,
    "--level": slot.level,
    "--share": 1 / levels,
    "--elapsed": `${look.elapsed}%`,
  };
  return html`<button type="button" class=${classMap(classes)} style=${styleMap(style)}
    data-key=${card.key} data-status=${card.status} tabindex=${look.isSelected ? 0 : -1}
    title=${cardText(app, card)} ${flashOnChange(card.version)}
    @click=${() => app.open(card.key)} @focus=${() => app.select(card.key)}>
    <span class="who">${card.candidate}${openByView(app, card)}</span>
    <span class="what">${app.lanes() === "rooms" ? "" : `${card.room} · `}${card.job} · ${app.t("round_short", { number: card.round })}</span>
    <span class="state"><span class="dot"></span><span class="word">${statusText(app, card)}</span
      >${flagView(app, card)}</span>
    <span class="with">${peopleText(app, card)}</span>
  </button>`;
}

function flagView(app, card) {
  const flag = mostUrgentFlag(card);
  return flag ? html`<span class="flag">${app.t(`flag_${flag}`)}</span>` : nothing;
}
