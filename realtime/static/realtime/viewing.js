// Tells presence what this person has open: only what is looked at steadily, and again on each
// new socket.

export const STEADY_MS = 5_000;

export class ViewingReporter {
  constructor(send, environment) {
    Object.assign(this, { send, environment });
    this.key = null;
    this.timer = null;
  }

  watch(key) {
    this.key = key;
    this.environment.clearTimeout(this.timer);
    const tell = () => this.send({ type: "watching", key });
    if (key === null) tell();
    else this.timer = this.environment.setTimeout(tell, STEADY_MS);
  }

  /** A new socket has heard nothing yet. */
  again() {
    if (this.key !== null) this.watch(this.key);
  }
}
