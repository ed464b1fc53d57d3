// The counters, each of which is a filter, and the filters by room, round and job.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { COUNTERS } from "../model/counts.js";
import { isFiltered, toggled } from "../model/filters.js";
import { gridMenuView } from "./grid-menu.js";

export function countersView(app, viewModel) {
  return html`<div class="numbers" role="group" aria-label=${app.t("counters")}>
    ${COUNTERS.map((counter) => counterView(app, viewModel, counter))}
  </div>`;
}

function counterView(app, { counts, isToday }, { name, tone = "" }) {
  const value = counts[name];
  const label = name === "today" && !isToday ? "count_all" : `count_${name}`;
  const isOn = name === "today" ? app.filter.only === null : app.filter.only === name;
  const only = isOn || name === "today" ? null : name;
  return html`<button class="counter ${value ? tone : "zero"}"
    data-counter=${name} aria-pressed=${isOn ? "true" : "false"}
    @click=${() => app.setFilter({ only })}><b>${value}</b>${app.t(label)}</button>`;
}

export function filtersView(app, viewModel) {
  const { t, filter, config } = app;
  const rounds = config.rounds.map(({ number, name }) => [number, name]);
  const rooms = viewModel.rooms.map((room) => [room.id, room.name]);
  return html`<div class="filters" role="group" aria-label=${t("filters")}>
    ${gridMenuView(app, viewModel)} ${choiceView(app, "rooms", rooms)} ${choiceView(app, "rounds", rounds)}
    ${choiceView(
      app,
      "jobs",
      viewModel.jobs.map((job) => [job, job]),
    )}
    ${
      isFiltered(filter)
        ? html`<button class="chip clear" @click=${() => app.clearFilter()}>
          <span>${t("shown", { shown: viewModel.shown.length, all: viewModel.cards.length })}</span>
          <span aria-hidden="true">×</span><span class="visually-hidden">${t("filter_clear")}</span>
        </button>`
        : nothing
    }
  </div>`;
}

const TITLES = { rooms: "filter_rooms", rounds: "filter_round", jobs: "filter_job" };

/** A chip that opens a list of checkboxes. */
function choiceView(app, name, options) {
  const chosen = app.filter[name];
  const title = app.t(TITLES[name]);
  const labels = options.filter(([value]) => chosen.has(value)).map(([, label]) => label);
  return html`<details class="menu choice">
    <summary class="chip" aria-current=${labels.length ? "true" : nothing}>
      <span class="label">${labels.length ? `${title}: ${labels[0]}` : title}</span>
      ${labels.length > 1 ? `+${labels.length - 1}` : ""}<span class="caret" aria-hidden="true"></span>
    </summary>
    <div class="menu-panel">
      ${options.map(
        ([value, label]) => html`<label class="menu-item"><input type="checkbox"
          .checked=${chosen.has(value)}
          @change=${() => app.setFilter({ [name]: toggled(chosen, value) })}> ${label}</label>`,
      )}
    </div>
  </details>`;
}
