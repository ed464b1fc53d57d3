// The server's time on this page. A computer's clock may be an hour off, may be set while the page
// is open, and stops counting while the computer sleeps: ages and countdowns follow the server's.

// No event tells that the computer slept, or that its clock was set.
export const CHECK_EVERY_MS = 2_000;
export const DOUBT_MS = 5_000; // wall clock and stop watch apart by this much: asleep, or set
const MOST_ON_THE_WAY_MS = 250; // what a welcome took beyond twice this was the server's own work

export class ServerClock {
  constructor(environment) {
    this.environment = environment;
    this.aheadMs = 0; // server's clock minus ours; until the first welcome ours is all there is
    this.apartMs = null; // wall clock minus stop watch, when the server last told
    this.askedAt = 0;
    this.timer = null;
    this.doubted = () => {};
  }

  /** The server is asked: a hello goes out. */
  asked() {
    this.askedAt = this.environment.steady();
  }

  /** It answered with its time, stamped half a round trip ago. */
  told(serverTime) {
    const halfTrip = (this.environment.steady() - this.askedAt) / 2;
    const stamped = Date.parse(serverTime) + Math.min(halfTrip, MOST_ON_THE_WAY_MS);
    this.aheadMs = stamped - this.environment.now();
    this.apartMs = this.apart();
  }

  /** Milliseconds since 1970, as the server counts them. */
  now() {
    return this.environment.now() + this.aheadMs;
  }

  /** From now on, have `doubted` called when the server should be asked again. */
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
   * Look whether the computer has slept, or its clock was set, since the server told. It is doubted
   * once: the next welcome answers, however long that takes.
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
