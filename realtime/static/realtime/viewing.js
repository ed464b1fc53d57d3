// Reports to the server which card this person has open, for presence. A card counts once it has
// been open for some seconds; a new socket is told again.

export const STEADY_MS = 5_000;

export class ViewingReporter {
  constructor(send, environment) {
    this.send = send;
    this.environment = environment;
    this.key = null;
    this.timer = null;
  }

  setKey(key) {
    this.key = key;
    this.environment.clearTimeout(this.timer);
    const report = () => this.send({ type: "watching", key });
    if (key === null) report();
    else this.timer = this.environment.setTimeout(report, STEADY_MS);
  }

  /** Reports again, on a new socket. */
  resend() {
    if (this.key !== null) this.setKey(this.key);
  }
}
