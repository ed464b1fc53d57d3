// Sends acks: how far this page has come, which moves the server's window of unacknowledged frames,
// and how long a change took from commit to paint.

export const ACK_EVERY_MS = 200; // the first at once, further ones no more often than this

export class AckSender {
  constructor(send, clock, environment) {
    this.send = send;
    this.clock = clock;
    this.environment = environment;
    this.measuredFrom = Infinity; // server time; earlier commits were missed while hidden, not shown slowly
    this.oldestCommit = Infinity; // server time; of the changes that wait to be painted
    this.slowestMs = null; // since the last ack
    this.ackedPosition = null; // position last sent on this socket
    this.lastSent = -Infinity;
    this.timer = null;
  }

  /** Starts over on a new socket: the server knows the position from the hello. */
  reset(position) {
    this.ackedPosition = position;
  }

  /**
   * Measures only changes committed from this time on, in the server's time: somebody is looking
   * now.
   */
  measureFrom(since = this.clock.now()) {
    this.measuredFrom = since;
    this.oldestCommit = Infinity;
  }

  recordCommit(committedAt) {
    const committed = Date.parse(committedAt);
    if (committed >= this.measuredFrom) this.oldestCommit = Math.min(this.oldestCommit, committed);
  }

  /**
   * Records that the board was painted at this position, and acknowledges it. `seen` is false
   * while the tab is hidden.
   */
  painted(position, { seen }) {
    if (seen && this.oldestCommit !== Infinity) {
      const age = this.clock.now() - this.oldestCommit;
      this.slowestMs = Math.max(this.slowestMs ?? 0, Math.round(age));
    }
    this.oldestCommit = Infinity;
    this.position = position;
    this.environment.clearTimeout(this.timer);
    const wait = this.lastSent + ACK_EVERY_MS - this.environment.monotonicNow();
    if (wait <= 0) this.sendAck();
    else this.timer = this.environment.setTimeout(() => this.sendAck(), wait);
  }

  sendAck() {
    if (this.position === this.ackedPosition) return;
    const frame = { type: "ack", position: this.position };
    if (this.slowestMs !== null) frame.shown_ms = this.slowestMs;
    this.send(frame);
    this.ackedPosition = this.position;
    this.slowestMs = null;
    this.lastSent = this.environment.monotonicNow();
  }
}
