// The top bar of the board: day, view and search.

import { live } from "../../../vendor/lit-html/directives/live.js";
import { html } from "../../../vendor/lit-html/lit-html.js";
import { daysLater } from "../util/clock.js";
import { VIEWS } from "../util/url-state.js";

export function dayView(app, viewModel) {
  const { t, clock } = app;
  const to = (day) => () => app.navigate({ day: day === viewModel.today ? null : day });
  return html`<div class="day" role="group" aria-label=${t("day_choose")}>
    <button class="button" aria-label=${t("day_before")} title=${t("day_before")}
      @click=${to(daysLater(viewModel.day, -1))}>‹</button>
    <label class="day-name" title=${t("day_choose")}>
      <span class="visually-hidden">${t("day_choose")}</span>
      <b>${clock.dayText(viewModel.day)}</b>
      <input type="date" required .value=${live(viewModel.day)} @click=${openPicker}
        @change=${(event) => event.target.value && to(event.target.value)()}>
    </label>
    <button class="button" aria-label=${t("day_after")} title=${t("day_after")}
      @click=${to(daysLater(viewModel.day, 1))}>›</button>
    <button class="button quiet back-to-today" ?hidden=${viewModel.isToday}
      @click=${to(viewModel.today)}>${t("day_today")}</button>
  </div>`;
}

function openPicker(event) {
  try {
    event.target.showPicker();
  } catch {
    // Older browsers have no showPicker(); the calendar icon opens the picker.
  }
}

export function viewsView(app) {
  const { t } = app;
  return html`<div class="segmented" role="group" aria-label=${t("views")}>
    ${VIEWS.map(
      (view) => html`<button aria-pressed=${app.view() === view ? "true" : "false"}
        @click=${() => app.navigate({ view })}>${t(`view_${view}`)}</button>`,
    )}
  </div>`;
}

export function searchView(app) {
  const { t, filter } = app;
  const find = (event) => app.setFilter({ query: event.target.value });
  return html`<search class="search">
    <input type="search" id="search" class="input" autocomplete="off" spellcheck="false"
      placeholder=${t("search")} aria-label=${t("search")} aria-keyshortcuts="/"
      .value=${live(filter.query)} @input=${find}><kbd aria-hidden="true">/</kbd>
  </search>`;
}
