// The server's time on this page. A computer's clock may be wrong, may be set while the page is
// open, and stops while the computer sleeps; ages and countdowns follow the server's clock.

// There is no event for sleep or for a clock that was set.
export const CHECK_EVERY_MS = 2_000;
export const DOUBT_MS = 5_000; // drift between wall clock and steady clock that means sleep or a set clock
const MOST_ON_THE_WAY_MS = 250; // a longer round trip was the server's own work

export class ServerClock {
  constructor(environment) {
    this.environment = environment;
    this.aheadMs = 0; // server's time minus the computer's; 0 until the first welcome
    this.apartMs = null; // wall clock minus steady clock at the last welcome
    this.askedAt = 0;
    this.timer = null;
    this.doubted = () => {};
  }

  /** Notes that a hello was sent, to which the welcome will be the answer. */
  asked() {
    this.askedAt = this.environment.steady();
  }

  /** Sets the clock from a welcome, assuming that it was sent half a round trip ago. */
  told(serverTime) {
    const halfTrip = (this.environment.steady() - this.askedAt) / 2;
    const stamped = Date.parse(serverTime) + Math.min(halfTrip, MOST_ON_THE_WAY_MS);
    this.aheadMs = stamped - this.environment.now();
    this.apartMs = this.apart();
  }

  /** The server's time, in milliseconds since 1970. */
  now() {
    return this.environment.now() + this.aheadMs;
  }

  /** Calls `doubted` from now on whenever the clock must be set again. */
  onDoubt(doubted) {
    this.doubted = doubted;
    const tick = () => {
      this.timer = this.environment.setTimeout(tick, CHECK_EVERY_MS);
      this.check();
    };
    tick();
  }

  stop() {
    this.environment.clearTimeout(this.timer);
  }

  /**
   * True if the computer slept or its clock was set since the last welcome. Reports it once; the
   * next welcome sets the clock again.
   */
  check() {
    if (this.apartMs === null || Math.abs(this.apart() - this.apartMs) <= DOUBT_MS) return false;
    this.apartMs = null;
    this.doubted();
    return true;
  }

  apart() {
    return this.environment.now() - this.environment.steady();
  }
}
