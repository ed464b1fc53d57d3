// Tells the server how far this page has come (its window of unacknowledged frames depends on
// it) and how long a change took from commit to paint, as a person saw it.

export const ACK_EVERY_MS = 200; // at once when it was quiet, then no more often than this

export class AckSender {
  constructor(send, clock, environment) {
    Object.assign(this, { send, clock, environment });
    this.lookedAt = Infinity; // server clock; what was committed before was missed, not slow
    this.oldestCommit = Infinity; // server clock; of the changes that wait to be painted
    this.slowestMs = null; // since the last ack
    this.told = null; // position, on this socket
    this.lastSent = -Infinity;
    this.timer = null;
  }

  /** A new socket: the server knows what the hello said. */
  began(position) {
    this.told = position;
  }

  /** From this moment of the server's on, a person waits for what is committed. */
  looking(since = this.clock.now()) {
    this.lookedAt = since;
    this.oldestCommit = Infinity;
  }

  took(committedAt) {
    const committed = Date.parse(committedAt);
    if (committed >= this.lookedAt) this.oldestCommit = Math.min(this.oldestCommit, committed);
  }

  /** The board is on the screen at this position; `seen` is false while the tab is hidden. */
  painted(position, { seen }) {
    if (seen && this.oldestCommit !== Infinity) {
      const age = this.clock.now() - this.oldestCommit;
      this.slowestMs = Math.max(this.slowestMs ?? 0, Math.round(age));
    }
    this.oldestCommit = Infinity;
    this.position = position;
    this.environment.clearTimeout(this.timer);
    const wait = this.lastSent + ACK_EVERY_MS - this.environment.steady();
    if (wait <= 0) this.tell();
    else this.timer = this.environment.setTimeout(() => this.tell(), wait);
  }

  tell() {
    if (this.position === this.told) return;
    const frame = { type: "ack", position: this.position };
    if (this.slowestMs !== null) frame.shown_ms = this.slowestMs;
    this.send(frame);
    this.told = this.position;
    this.slowestMs = null;
    this.lastSent = this.environment.steady();
  }
}
