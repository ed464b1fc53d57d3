// One card on the rooms grid. Narrow or low, it keeps what matters: container queries drop the rest.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { classMap } from "../../../vendor/lit-html/directives/class-map.js";
import { styleMap } from "../../../project/style-map.js";
import { cardText, isAlarming, isEnded, peopleText, statusText, worstFlag } from "./card.js";
import { across } from "../model/grid-layout.js";
import { openByView } from "./avatars.js";
import { lightUp, same } from "../util/directives.js";
import { facesOn } from "../model/presence.js";

export function slotView(app, scene, slot, span, levels) {
  const { card } = slot;
  const look = {
    elapsed: elapsedOf(card, slot, scene),
    isSelected: app.selected === card.key,
    isLifted: app.ghost?.key === card.key,
  };
  const place = `${slot.level}/${levels} ${span.from}-${span.to}`;
  const faces = facesOn(app, card.key);
  return html`${same([card, place, faces, ...Object.values(look)], () =>
    drawn(app, slot, span, levels, look),
  )}`;
}

/** How much of a running interview's time is used up, in percent; nothing while it does not run. */
function elapsedOf(card, slot, scene) {
  if (card.status !== "in_progress" || !scene.isToday) return 0;
  const part = (scene.minute - slot.from) / (slot.to - slot.from);
  return Math.round(Math.min(Math.max(part, 0), 1) * 100);
}

function drawn(app, slot, span, levels, look) {
  const { card } = slot;
  const { left, width } = across(slot.from, slot.to, span);
  const classes = {
    slot: true,
    past: isEnded(card),
    running: card.status === "in_progress",
    over: isAlarming(card),
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
    title=${cardText(app, card)} ${lightUp(card.version)}
    @click=${() => app.open(card.key)} @focus=${() => app.select(card.key)}>
    <span class="who">${card.candidate}${openByView(app, card)}</span>
    <span class="what">${card.job} · ${app.say("round_short", { number: card.round })}</span>
    <span class="state"><span class="dot"></span><span class="word">${statusText(app, card)}</span
      >${flagWord(app, card)}</span>
    <span class="with">${peopleText(app, card)}</span>
  </button>`;
}

function flagWord(app, card) {
  const flag = worstFlag(card);
  return flag ? html`<span class="flag">${app.say(`flag_${flag}`)}</span>` : nothing;
}
