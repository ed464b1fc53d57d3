// The menu that changes the grid: what its rows are, its zoom, compact rows, finished hours.

import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { HOUR_WIDTHS } from "../model/grid-layout.js";
import { LANES } from "../util/url-state.js";

export function gridMenuView(app, viewModel) {
  if (app.view() !== "rooms") return nothing;
  const { t, look } = app;
  return html`<details class="menu choice grid-menu">
    <summary class="chip" aria-current=${app.lanes() === LANES[0] ? nothing : "true"}>
      <span class="label">${t("grid_menu")}: ${t(`lanes_${app.lanes()}`)}</span>
      <span class="caret" aria-hidden="true"></span>
    </summary>
    <div class="menu-panel">
      <div role="radiogroup" aria-label=${t("grid_menu")}>
        ${LANES.map((lanes) => laneChoice(app, lanes))}
      </div>
      <hr>
      <div class="row zoom" role="group" aria-label=${t("zoom")}><span class="spring">${t("zoom")}</span>
        ${zoomButton(app, -1, "−", "zoom_out")} ${zoomButton(app, 1, "+", "zoom_in")}</div>
      ${checkbox(t("compact"), look.isCompact, (isCompact) => app.setLook({ isCompact }))}
      ${
        viewModel.isToday
          ? checkbox(t("fold"), look.isFolded, (isFolded) => app.setLook({ isFolded }))
          : nothing
      }
    </div>
  </details>`;
}

function laneChoice(app, lanes) {
  return html`<label class="menu-item"><input type="radio" name="lanes" value=${lanes}
    .checked=${app.lanes() === lanes} @change=${() => app.navigate({ lanes })}>
    ${app.t(`lanes_${lanes}`)}</label>`;
}

function zoomButton(app, step, sign, label) {
  const zoom = app.look.zoom + step;
  return html`<button type="button" class="button small" aria-label=${app.t(label)}
    ?disabled=${HOUR_WIDTHS[zoom] === undefined} @click=${() => app.setLook({ zoom })}>${sign}</button>`;
}

function checkbox(label, isOn, change) {
  return html`<label class="menu-item"><input type="checkbox" .checked=${isOn}
    @change=${({ target }) => change(target.checked)}> ${label}</label>`;
}
