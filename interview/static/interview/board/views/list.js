// The list view: a compact table that sorts by any column.

import { classMap } from "../../../vendor/lit-html/directives/class-map.js";
import { repeat } from "../../../vendor/lit-html/directives/repeat.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { initialsOn } from "../model/presence.js";
import { sorted } from "../model/sorting.js";
import { flashOnChange, guard } from "../util/directives.js";
import { openByView } from "./avatars.js";
import { flagsView, peopleText, roundName, statusView, timesText } from "./card.js";

const COLUMNS = [
  "time",
  "candidate",
  "job",
  "round",
  "room",
  "interviewers",
  "status",
  "flags",
  "feedback",
];

export function listView(app, viewModel) {
  const { t, sort } = app;
  return html`<div class="list" role="table" aria-label=${t("list")} aria-rowcount=${viewModel.shown.length + 1}>
    <div class="list-head" role="row">
      ${COLUMNS.map((column) => headView(app, column))}
    </div>
    <div class="list-body" role="rowgroup">
      ${repeat(
        sorted(viewModel.shown, sort),
        (card) => card.key,
        (card) => lineView(app, card),
      )}
    </div>
  </div>`;
}

function headView(app, column) {
  const { t, sort } = app;
  const isBy = sort.column === column;
  const order = sort.isDown ? "descending" : "ascending";
  return html`<span role="columnheader" class=${column} aria-sort=${isBy ? order : nothing}>
    <button class="sort" @click=${() => app.sortBy(column)}>${t(`column_${column}`)}<span
      class="arrow" aria-hidden="true">${isBy ? (sort.isDown ? "↓" : "↑") : ""}</span></button>
  </span>`;
}

function lineView(app, card) {
  const isSelected = app.selected === card.key;
  return html`${guard([card, isSelected, initialsOn(app, card.key)], () => line(app, card, isSelected))}`;
}

function line(app, card, isSelected) {
  const { due, in: submitted } = card.feedback;
  return html`<div role="row" class=${classMap({ line: true, selected: isSelected })}
    data-status=${card.status} @click=${() => app.open(card.key)} ${flashOnChange(card.version)}>
    <time role="cell" class="time">${timesText(app, card)}</time>
    <span role="cell" class="candidate"><button type="button" class="link" data-key=${card.key}
      tabindex=${isSelected ? 0 : -1} @focus=${() => app.select(card.key)}
      >${card.candidate}</button>${openByView(app, card)}</span>
    <span role="cell" class="job">${card.job}</span>
    <span role="cell" class="round">${roundName(app, card)}</span>
    <span role="cell" class="room">${card.room}</span>
    <span role="cell" class="interviewers">${peopleText(app, card)}</span>
    <span role="cell" class="status">${statusView(app, card)}</span>
    <span role="cell" class="flags">${flagsView(app, card)}${expectedChip(app, card)}</span>
    <span role="cell" class="feedback">${
      submitted || card.status === "feedback_due" ? `${submitted}/${due}` : ""
    }</span>
  </div>`;
}

function expectedChip(app, card) {
  if (!card.expected_at) return nothing;
  const time = app.clock.time(card.expected_at);
  return html`<span class="chip">${app.t("expected_chip", { time })}</span>`;
}
