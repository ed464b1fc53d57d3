// Keeps one WebSocket open and reconnects as the close codes ask. Knows close codes and heartbeat,
// and nothing of rows: live.js interprets the frames.

import { reconnectDelay } from "./backoff.js";

export const HELLO_ANSWER_MS = 10_000; // open without a welcome for this long: not our server
export const PONG_WITHIN_MS = 5_000;
const CLOSED_BY_PAGE = 1000;
const OPEN = 1;

/**
 * What the client must do after a close code (protocol.md): "retry", or the state in which to
 * stop.
 */
export function reactionTo(code) {
  if (code === 4400) return "broken";
  if (code === 4501) return "signed-out";
  return code >= 4500 && code < 5000 ? "refused" : "retry";
}

/**
 * Keeps a connection to `path` open. Calls onOpen(), onFrame(frame) and onDown(reaction) of
 * `page`; see reactionTo().
 */
export class Connection {
  constructor(path, page, environment) {
    this.path = path;
    this.page = page;
    this.environment = environment;
    this.socket = null;
    this.attempt = 0; // failed attempts since settled()
    this.notBefore = 0; // steady clock; the server asked not to reconnect earlier (goodbye)
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

  /** Resets the back-off: the board is complete again. */
  settled() {
    this.attempt = 0;
  }

  /** Reconnects: at once, or with back-off if that was just tried. */
  restart() {
    this.drop();
    this.comeBack(this.attempt === 0 ? 0 : reconnectDelay(this.attempt, this.environment.random));
  }

  /** Reconnects at once, or checks the open socket: the network or the reader is back. */
  wake() {
    if (this.stopped) return;
    if (this.socket?.readyState === OPEN) this.ping();
    else this.renew(); // a socket still connecting may belong to a lost network
  }

  /** Reconnects at once. */
  renew() {
    if (this.stopped) return;
    this.drop();
    this.comeBack(0);
  }

  /** Closes for good: no timer and no event reconnects. */
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

  /**
   * True if nothing arrived for longer than a live socket can be silent, as after the computer
   * slept.
   */
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

  /** Discards the socket and any planned reconnect. */
  drop() {
    this.environment.clearTimeout(this.silenceTimer);
    this.environment.clearTimeout(this.retryTimer);
    const socket = this.socket;
    this.socket = null; // before close(), so that its late events are ignored
    socket?.close(CLOSED_BY_PAGE);
  }

  expectWithin(milliseconds, otherwise) {
    this.environment.clearTimeout(this.silenceTimer);
    this.silenceTimer = this.environment.setTimeout(otherwise, milliseconds);
  }
}
