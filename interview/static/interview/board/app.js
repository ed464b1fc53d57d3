// The state of the board and the methods that change it. Views read the state; every change
// requests a redraw with refresh().

import { Api } from "../../project/api.js";
import { translator } from "../../project/translate.js";
import { emptyFilter, isFiltered } from "./model/filters.js";
import { UndoStack } from "./model/undo-stack.js";
import { Clock } from "./util/clock.js";
import {
  loadGridLook,
  loadRoomFilter,
  saveGridLook,
  saveRoomFilter,
  suggestionsFor,
} from "./util/local-storage.js";
import { formatUrlState, LANES, parseFilter, parseUrlState, VIEWS } from "./util/url-state.js";
import { startForm } from "./views/forms.js";
import { newShift, previewShift } from "./views/shift-dialog.js";

const NARROW = matchMedia("(max-width: 48rem)");

export class App {
  constructor(config) {
    this.config = config;
    this.t = translator(config.texts);
    this.clock = new Clock(config.campaign.time_zone, config.language);
    this.api = new Api(config.api);
    this.rows = new Map(); // rows of the stream, by key
    this.tomorrow = new Map(); // rows of tomorrow's list, while today is shown
    this.latest = new Map(); // presence rows, by key
    this.tasks = new Map();
    this.ticks = new Map(); // progress of tasks, by key of the task
    this.dismissed = new Set(); // keys of dismissed tasks
    this.viewModel = null; // of the last drawing
    this.isReady = false; // the snapshot of the shown day has arrived
    this.isClockSet = false; // now() is the server's time
    this.questions = new Map(); // see util/ask-once.js
    this.now = () => new Date(); // replaced by the server's time in board.js
    /** @type {ConnectionState} */
    this.link = { name: "catching-up", since: this.now() };
    this.urlState = parseUrlState(location.hash);
    this.filter = this.filterOfUrl();
    this.look = loadGridLook(); // of the grid: zoom, compact rows, finished hours
    this.sort = { column: NARROW.matches ? "status" : "time", isDown: false };
    this.selected = null; // key of the card from which the arrow keys start
    this.busy = new Map(); // requests under way, by key of their card; see interview-actions.js
    this.detail = null; // the API's answer for the open card
    this.contacts = null; // of the card whose people were looked up last
    this.form = this.conflict = this.shift = null;
    this.ghost = this.drop = null; // drop preview on the grid, drop target among the columns
    this.steps = new UndoStack(config.undo_minutes, () => performance.now()); // what `z` undoes
    for (const step of config.undo_steps) this.steps.push({ ...step, forget: () => {} });
    this.isHelpOpen = false;
    this.palette = null; // query and index of the command palette while it is open
    this.openGroups = new Set(); // kinds of action items whose group is open
    this.suggestions = new Map(); // card key and version → suggested interviewers
    this.checks = new Map(); // card and place → the server's conflicts, and the rows as it was asked
    this.wantedCheck = null; // the check that is asked for last; rows null: not sent yet
    this.closeHelp = () => this.openHelp(false);
  }

  refresh() {} // replaced in board.js

  view() {
    return this.urlState.view ?? (NARROW.matches ? "list" : "rooms");
  }

  lanes() {
    return this.urlState.lanes ?? LANES[0];
  }

  /** Changes the look of the grid for this browser: zoom, compact rows, finished hours. */
  setLook(change) {
    this.look = { ...this.look, ...change };
    saveGridLook(this.look);
    this.refresh();
  }

  /** Shows another view, day or card. The URL follows, so the browser's Back button works. */
  navigate(change) {
    const place = { ...this.urlState, ...change };
    const isCard = Object.keys(change).join() === "card";
    history[isCard ? "replaceState" : "pushState"](
      null,
      "",
      formatUrlState({ ...place, view: place.view ?? this.view() }, this.filter),
    );
    this.applyUrlState(parseUrlState(location.hash));
  }

  /** The filter that the URL names, else the rooms that this browser last showed. */
  filterOfUrl() {
    return parseFilter(location.hash) ?? { ...emptyFilter, rooms: loadRoomFilter(this.config) };
  }

  /** Follows the Back button, or a link to another state of the board. */
  followUrl() {
    this.filter = this.filterOfUrl();
    this.applyUrlState(parseUrlState(location.hash));
  }

  applyUrlState(place) {
    if (place.card !== this.urlState.card) {
      this.dropForm();
      this.conflict = null;
    }
    this.urlState = place;
    this.refresh();
  }

  /** The card of this key, on the shown day or on tomorrow's list beside it. */
  cardOf(key) {
    return this.rows.get(key) ?? this.tomorrow.get(key);
  }

  /** Opens a card; one of tomorrow's list on its own day. */
  open(key) {
    const isOther = this.form?.isTouched && this.form.key !== key;
    if (isOther && !confirm(this.t("form_discard"))) return;
    this.selected = key;
    if (this.urlState.card === key) this.refresh();
    else if (this.rows.has(key) || !this.tomorrow.has(key)) this.navigate({ card: key });
    else this.navigate({ card: key, day: this.tomorrow.get(key).day });
  }

  close() {
    this.dropForm();
    this.conflict = this.detail = this.contacts = null;
    if (this.urlState.card) this.navigate({ card: null });
  }

  select(key) {
    if (this.selected === key) return;
    this.selected = key;
    this.refresh();
  }

  setFilter(change) {
    this.filter = { ...this.filter, ...change };
    if (change.rooms) saveRoomFilter(this.config, change.rooms);
    const place = { ...this.urlState, view: this.view() };
    history.replaceState(null, "", formatUrlState(place, this.filter));
    this.refresh();
  }

  clearFilter() {
    this.setFilter({ ...emptyFilter });
  }

  openGroup(kind, isOpen) {
    if (this.openGroups.has(kind) === isOpen) return;
    if (isOpen) this.openGroups.add(kind);
    else this.openGroups.delete(kind);
    this.refresh();
  }

  sortBy(column) {
    const isDown = this.sort.column === column && !this.sort.isDown;
    this.sort = { column, isDown };
    this.refresh();
  }

  openForm(card, action, given) {
    this.open(card.key);
    this.conflict = null;
    this.form = startForm(this, card, action, given);
    this.refresh();
  }

  setForm(change) {
    this.form = { ...this.form, values: { ...this.form.values, ...change }, isTouched: true };
    this.refresh();
  }

  /** True if reloading the page would lose nothing. */
  isIdle() {
    const isAsking =
      this.form || this.shift || this.palette || this.isHelpOpen || this.busy.size > 0;
    return !isAsking && !isFiltered(this.filter);
  }

  closeForm() {
    this.dropForm();
    this.refresh();
  }

  /** Removes the form. A step whose undo asks for a reason that nobody gave stays as it is. */
  dropForm() {
    if (this.form?.action === "undo") this.steps.drop(this.form.key);
    this.form = null;
  }

  openShift(item) {
    this.shift = newShift(item);
    this.refresh();
    previewShift(this);
  }

  setShift(change) {
    this.shift = { ...this.shift, ...change };
    this.refresh();
  }

  closeShift() {
    this.shift = null;
    this.refresh();
  }

  openHelp(isOpen = true) {
    this.isHelpOpen = isOpen;
    this.refresh();
  }

  openPalette() {
    this.palette = { query: "", index: 0 };
    this.refresh();
  }

  setPalette(change) {
    this.palette = { ...this.palette, ...change };
    this.refresh();
  }

  closePalette() {
    this.palette = null;
    this.refresh();
  }

  /** Shows one room alone on the grid. */
  showRoom(id) {
    this.navigate({ view: VIEWS[0], lanes: LANES[0] });
    this.setFilter({ rooms: new Set([id]) });
  }

  dismiss(key) {
    this.dismissed.add(key);
    this.refresh();
  }

  /** Suggested interviewers for a card; null until the server has answered, which redraws. */
  suggestionsFor(card) {
    return suggestionsFor(this, card);
  }
}
