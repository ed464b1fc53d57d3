// The live lists of a board: the shown day, and beside today also tomorrow, whose problems can still
// be solved today.

import { openLive } from "../../realtime/live.js";
import { daysLater } from "./util/clock.js";

export class DayLists {
  /**
   * @param {App} app whose rows, presence and connection state it sets
   * @param {{ draw: () => void, onState: (link: ConnectionState) => void }} page
   * @param {typeof openLive} [open]
   */
  constructor(app, { draw, onState }, open = openLive) {
    this.app = app;
    this.openLive = open;
    this.draw = draw;
    this.day = app.urlState.day ?? app.config.today;
    this.tomorrow = null;
    this.tomorrowsList = null;
    this.list = open({
      socket: this.addressOf(this.day),
      onBoard: (held, latest) => this.take(held, latest),
      onState,
    });
    this.now = this.list.now;
  }

  watch(key) {
    this.list.watch(key);
  }

  addressOf(day) {
    return `${this.app.config.socket}?day=${day}`;
  }

  take(held, latest) {
    const { app } = this;
    app.rows = held.rows;
    app.latest = latest;
    app.isReady = held.position !== null;
    app.isClockSet ||= app.isReady;
    this.draw();
  }

  /** Follows the day that is shown now: another was chosen, or midnight has passed. */
  follow({ day, today, isToday }) {
    if (day !== this.day) {
      this.day = day;
      this.app.rows = new Map();
      this.app.isReady = false;
      this.list.follow(this.addressOf(day));
    }
    // Only after today's list is there, so that tomorrow's does not delay it.
    const tomorrow = isToday ? daysLater(today, 1) : null;
    if (tomorrow === null || this.app.isReady) this.followTomorrow(tomorrow);
  }

  followTomorrow(day) {
    if (day === this.tomorrow) return;
    this.tomorrow = day;
    this.app.tomorrow = new Map();
    if (day === null) {
      this.tomorrowsList?.close();
      this.tomorrowsList = null;
      return;
    }
    // Nobody looks at tomorrow's board: its viewers must not see this person among them.
    const address = `${this.addressOf(day)}&presence=no`;
    if (this.tomorrowsList) this.tomorrowsList.follow(address);
    else this.tomorrowsList = this.openTomorrow(address);
  }

  openTomorrow(address) {
    return this.openLive({
      socket: address,
      onBoard: (held) => {
        this.app.tomorrow = held.rows;
        this.app.refresh();
      },
    });
  }
}
