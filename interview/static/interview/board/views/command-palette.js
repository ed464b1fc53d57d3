// The command palette (Ctrl-K): finds a candidate, interview, room, page or action by typing.

import { classMap } from "../../../vendor/lit-html/directives/class-map.js";
import { live } from "../../../vendor/lit-html/directives/live.js";
import { html, nothing } from "../../../vendor/lit-html/lit-html.js";
import { mayTake, takeOrAsk, undo } from "../actions/interview-actions.js";
import { matchingCommands } from "../model/commands.js";
import { daysLater } from "../util/clock.js";
import { LANES, VIEWS } from "../util/url-state.js";
import { timesText } from "./card.js";

const ACTIONS = [
  "check-in",
  "start",
  "finish",
  "confirm",
  "reschedule",
  "reassign",
  "no-show",
  "cancel",
];

export function paletteView(app) {
  const { t, palette } = app;
  if (!palette) return nothing;
  const { found, index } = offered(app);
  const type = ({ target }) => app.setPalette({ query: target.value, index: 0 });
  return html`<div class="palette" @keydown=${(event) => onKey(app, event)}>
    <h2 id="palette-title" class="visually-hidden">${t("palette")}</h2>
    <input type="text" enterkeyhint="go" id="palette-query" class="input" autofocus autocomplete="off"
      spellcheck="false" role="combobox" aria-expanded="true" aria-controls="palette-list"
      aria-activedescendant=${found[index] ? `palette-${index}` : nothing}
      aria-label=${t("palette")} placeholder=${t("palette")} .value=${live(palette.query)} @input=${type}>
    <ul id="palette-list" role="listbox" aria-label=${t("palette")}>
      ${found.map((command, at) => commandView(app, command, at, at === index))}
    </ul>
    ${found.length ? nothing : html`<p class="muted">${t("palette_none")}</p>`}
    ${allCandidatesView(app, palette.query)}
  </div>`;
}

function commandView(app, command, at, isActive) {
  return html`<li id="palette-${at}" role="option" aria-selected=${isActive ? "true" : "false"}
    class=${classMap({ active: isActive })} @click=${() => run(app, command)}>
    <b>${command.label}</b><span class="muted">${command.detail}</span></li>`;
}

/** The board has the cards of its day; the candidates' page searches everybody. */
function allCandidatesView({ t, config }, query) {
  if (!query.trim()) return nothing;
  const address = `${config.candidates}?q=${encodeURIComponent(query.trim())}`;
  return html`<p class="all"><a href=${address}>${t("palette_all", { query: query.trim() })}</a></p>`;
}

/** The commands for what is typed by now, and the index of the active one. */
function offered(app) {
  const found = matchingCommands(commandsOf(app), app.palette.query);
  return { found, index: Math.min(app.palette.index, Math.max(found.length - 1, 0)) };
}

function onKey(app, event) {
  if (event.isComposing) return; // Enter accepts a word of an input method
  const { found, index } = offered(app); // what was typed last may not be drawn yet
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    const next = (index + step + found.length) % (found.length || 1);
    app.setPalette({ index: next });
    document.getElementById(`palette-${next}`)?.scrollIntoView({ block: "nearest" });
    event.preventDefault();
  } else if (event.key === "Enter" && found[index] && event.target.id === "palette-query") {
    run(app, found[index]);
    event.preventDefault();
  }
}

function run(app, command) {
  app.closePalette();
  command.run();
}

function commandsOf(app) {
  return [
    ...actionCommands(app),
    ...viewCommands(app),
    ...cardCommands(app),
    ...roomCommands(app),
    ...pageCommands(app),
  ];
}

function actionCommands(app) {
  const card = app.rows.get(app.urlState.card); // of no card that nobody chose
  const step = app.steps.newest();
  const undoing = step && {
    id: "undo",
    label: app.t("undo"),
    detail: step.candidate,
    run: () => undo(app),
  };
  if (!card) return undoing ? [undoing] : [];
  const taken = ACTIONS.filter((name) => mayTake(app, card, name)).map((name) => ({
    id: name,
    label: app.t(name),
    detail: card.candidate,
    run: () => takeOrAsk(app, card, name),
  }));
  return undoing ? [...taken, undoing] : taken;
}

function viewCommands(app) {
  const { t, viewModel } = app;
  const views = VIEWS.map((view) => [`view_${view}`, { view }]);
  const lanes = LANES.slice(1).map((one) => [`${one}_grid`, { view: VIEWS[0], lanes: one }]);
  const days = [
    ["day_today", { day: null }],
    ["day_after", { day: daysLater(viewModel.day, 1) }],
  ];
  return [...views, ...lanes, ...days].map(([text, place]) => ({
    id: text,
    label: t(text),
    detail: t("palette_view"),
    run: () => app.navigate(place),
  }));
}

function cardCommands(app) {
  const cards = [...app.rows.values(), ...app.tomorrow.values()];
  return cards
    .filter((row) => row.kind === "interview")
    .map((card) => ({
      id: card.key,
      label: card.candidate,
      detail: `${app.clock.dayText(card.day)}, ${timesText(app, card)} · ${card.room} · ${card.job}`,
      card,
      run: () => app.open(card.key),
    }));
}

function roomCommands(app) {
  return app.viewModel.rooms.map((room) => ({
    id: room.key,
    label: room.name,
    detail: app.t("room"),
    run: () => app.showRoom(room.id),
  }));
}

/** The pages of the navigation, as this person has them. */
function pageCommands(app) {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (
    document.querySelectorAll(".board-bar .menu-panel a[href]")
  );
  return [...links].map((link) => ({
    id: link.href,
    label: link.textContent.trim(),
    detail: app.t("palette_page"),
    run: () => location.assign(link.href),
  }));
}
