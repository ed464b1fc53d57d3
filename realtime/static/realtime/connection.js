// One WebSocket at a time, reopened for as long as the server wants us back. Knows the close
// codes and the heartbeat; knows nothing of rows. live.js decides what a frame means.

import { reconnectDelay } from "./backoff.js";

export const HELLO_ANSWER_MS = 10_000; // open but silent for this long: not a server of ours
export const PONG_WITHIN_MS = 5_000;
const CLOSED_BY_PAGE = 1000;
const OPEN = 1;

/** What a close code asks of the client: "retry", or the state to end in. */
export function reactionTo(code) {
  if (code === 4400) return "broken";
  if (code === 4501) return "signed-out";
  return code >= 4500 && code < 5000 ? "refused" : "retry";
}

/**
 * Keep a connection to `path` open.
 * @param {object} page onOpen(), onFrame(frame), onDown(duty) with duty as reactionTo() says
 */
export class Connection {
  constructor(path, page, environment) {
    this.path = path;
    this.page = page;
    this.environment = environment;
    this.socket = null;
    this.attempt = 0; // failed tries since settled()
    this.notBefore = 0; // the server asked to be left alone until then; stop watch
    this.heardAt = 0; // wall clock
    this.heartbeatMs = HELLO_ANSWER_MS;
    this.retryTimer = this.silenceTimer = null;
    this.stopped = false;
  }

  open() {
    const socket = new this.environment.WebSocket(this.environment.addressOf(this.path));
    this.socket = socket;
    this.heardAt = this.environment.now();
    this.heartbeatMs = HELLO_ANSWER_MS;
    socket.onopen = () => this.socket === socket && this.page.onOpen();
    socket.onmessage = (event) => this.socket === socket && this.heard(event.data);
    socket.onclose = (event) => this.socket === socket && this.lost(event.code);
    this.expectWithin(HELLO_ANSWER_MS, () => this.lost(CLOSED_BY_PAGE));
  }

  send(frame) {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** The board is whole again: the next trouble starts with a short wait. */
  settled() {
    this.attempt = 0;
  }

  /** Begin anew on another socket; at once, unless that was just tried. */
  restart() {
    this.drop();
    this.comeBack(this.attempt === 0 ? 0 : reconnectDelay(this.attempt, this.environment.random));
  }

  /** The network or the reader came back: do not sit out the wait, do not trust an old socket. */
  wake() {
    if (this.stopped) return;
    if (this.socket?.readyState === OPEN) this.ping();
    else this.renew(); // one that still knocks may knock at a network that is gone
  }

  /** Another socket, at once. */
  renew() {
    if (this.stopped) return;
    this.drop();
    this.comeBack(0);
  }

  /** For good: neither time nor an event opens it again. */
  close() {
    this.stopped = true;
    this.drop();
  }

  heard(text) {
    const frame = JSON.parse(text);
    if (frame.type === "welcome") this.heartbeatMs = frame.heartbeat_seconds * 1000;
    if (frame.type === "goodbye") {
      this.notBefore = this.environment.steady() + frame.retry_after_ms;
    }
    this.heardAt = this.environment.now();
    this.expectWithin(this.heartbeatMs, () => this.ping());
    this.page.onFrame(frame);
  }

  ping() {
    if (this.socket?.readyState !== OPEN) return;
    if (this.isSilent()) {
      this.lost(CLOSED_BY_PAGE);
      this.comeBack(0);
      return;
    }
    this.send({ type: "ping", ref: this.environment.now() });
    this.expectWithin(PONG_WITHIN_MS, () => this.lost(CLOSED_BY_PAGE));
  }

  /** Quiet for longer than a socket that lives can be: this computer slept meanwhile. */
  isSilent() {
    return this.environment.now() - this.heardAt > this.heartbeatMs + PONG_WITHIN_MS;
  }

  lost(code) {
    this.drop();
    const duty = reactionTo(code);
    this.stopped = duty !== "retry";
    if (!this.stopped) this.comeBack(reconnectDelay(this.attempt, this.environment.random));
    this.page.onDown(duty);
  }

  comeBack(wait) {
    const asked = this.notBefore - this.environment.steady();
    this.environment.clearTimeout(this.retryTimer);
    this.retryTimer = this.environment.setTimeout(
      () => {
        this.attempt += 1;
        this.open();
      },
      Math.max(wait, asked, 0),
    );
  }

  /** Put the socket away, and any plan to open another. */
  drop() {
    this.environment.clearTimeout(this.silenceTimer);
    this.environment.clearTimeout(this.retryTimer);
    const socket = this.socket;
    this.socket = null; // before close(): what it still says is no longer ours
    socket?.close(CLOSED_BY_PAGE);
  }

  expectWithin(milliseconds, otherwise) {
    this.environment.clearTimeout(this.silenceTimer);
    this.silenceTimer = this.environment.setTimeout(otherwise, milliseconds);
  }
}
