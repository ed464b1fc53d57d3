// The server's time on this page. A computer's clock may be wrong, may be set while the page is
// open, and stops while the computer sleeps; ages and countdowns follow the server's clock.

// There is no event for sleep or for a clock that was set.
export const CHECK_EVERY_MS = 2_000;
export const MAX_DRIFT_MS = 5_000; // drift between wall clock and monotonic clock that means sleep or a set clock
const MAX_LATENCY_MS = 250; // a longer round trip was the server's own work

export class ServerClock {
  constructor(environment) {
    this.environment = environment;
    this.offsetMs = 0; // server's time minus the computer's; 0 until the first welcome
    this.differenceMs = null; // wall clock minus monotonic clock at the last welcome
    this.helloSentAt = 0;
    this.timer = null;
    this.onDrift = () => {};
  }

  /** Notes that a hello was sent, to which the welcome will be the answer. */
  helloSent() {
    this.helloSentAt = this.environment.monotonicNow();
  }

  /** Sets the clock from a welcome, assuming that it was sent half a round trip ago. */
  synchronize(serverTime) {
    const halfTrip = (this.environment.monotonicNow() - this.helloSentAt) / 2;
    const stamped = Date.parse(serverTime) + Math.min(halfTrip, MAX_LATENCY_MS);
    this.offsetMs = stamped - this.environment.now();
    this.differenceMs = this.clockDifference();
  }

  /** The server's time, in milliseconds since 1970. */
  now() {
    return this.environment.now() + this.offsetMs;
  }

  /** Calls `onDrift` from now on whenever the clock must be set again. */
  watchDrift(onDrift) {
    this.onDrift = onDrift;
    const tick = () => {
      this.timer = this.environment.setTimeout(tick, CHECK_EVERY_MS);
      this.checkDrift();
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
  checkDrift() {
    if (
      this.differenceMs === null ||
      Math.abs(this.clockDifference() - this.differenceMs) <= MAX_DRIFT_MS
    )
      return false;
    this.differenceMs = null;
    this.onDrift();
    return true;
  }

  clockDifference() {
    return this.environment.now() - this.environment.monotonicNow();
  }
}
