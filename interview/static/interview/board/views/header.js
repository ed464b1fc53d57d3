// The head of the board: day, view, search.

import { html } from "../../../vendor/lit-html/lit-html.js";
import { live } from "../../../vendor/lit-html/directives/live.js";
import { daysLater } from "../util/clock.js";
import { VIEWS } from "../util/url-state.js";

export function dayView(app, scene) {
  const { say, clock } = app;
  const to = (day) => () => app.go({ day: day === scene.today ? null : day });
  return html`<div class="day" role="group" aria-label=${say("day_choose")}>
    <button class="button" aria-label=${say("day_before")} title=${say("day_before")}
      @click=${to(daysLater(scene.day, -1))}>‹</button>
    <label class="day-name" title=${say("day_choose")}>
      <span class="visually-hidden">${say("day_choose")}</span>
      <b>${clock.dayText(scene.day)}</b>
      <input type="date" required .value=${live(scene.day)} @click=${openPicker}
        @change=${(event) => event.target.value && to(event.target.value)()}>
    </label>
    <button class="button" aria-label=${say("day_after")} title=${say("day_after")}
      @click=${to(daysLater(scene.day, 1))}>›</button>
    <button class="button quiet back-to-today" ?hidden=${scene.isToday}
      @click=${to(scene.today)}>${say("day_today")}</button>
  </div>`;
}

function openPicker(event) {
  try {
    event.target.showPicker();
  } catch {
    // Older browsers open it by themselves, from the little calendar.
  }
}

export function viewsView(app) {
  const { say } = app;
  return html`<div class="segmented" role="group" aria-label=${say("views")}>
    ${VIEWS.map(
      (view) => html`<button aria-pressed=${app.view() === view ? "true" : "false"}
        @click=${() => app.go({ view })}>${say(`view_${view}`)}</button>`,
    )}
  </div>`;
}

export function searchView(app) {
  const { say, filter } = app;
  const find = (event) => app.setFilter({ query: event.target.value });
  return html`<search class="search">
    <input type="search" id="search" class="input" autocomplete="off" spellcheck="false"
      placeholder=${say("search")} aria-label=${say("search")} aria-keyshortcuts="/"
      .value=${live(filter.query)} @input=${find}><kbd aria-hidden="true">/</kbd>
  </search>`;
}
