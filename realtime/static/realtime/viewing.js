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

  watch(key) {
    this.key = key;
    this.environment.clearTimeout(this.timer);
    const tell = () => this.send({ type: "watching", key });
    if (key === null) tell();
    else this.timer = this.environment.setTimeout(tell, STEADY_MS);
  }

  /** Reports again, on a new socket. */
  again() {
    if (this.key !== null) this.watch(this.key);
  }
}
