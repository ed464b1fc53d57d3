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
 * Keeps a connection to `path` open. Calls onOpen(), onFrame(frame) and onDisconnect(reaction) of
 * `page`; see reactionTo().
 */
export class Connection {
  constructor(path, page, environment) {
    this.path = path;
    this.page = page;
    this.environment = environment;
    this.socket = null;
    this.attempt = 0; // failed attempts since resetBackoff()
    this.notBefore = 0; // monotonic clock; the server asked not to reconnect earlier (goodbye)
    this.lastMessageAt = 0; // wall clock
    this.heartbeatMs = HELLO_ANSWER_MS;
    this.retryTimer = this.silenceTimer = null;
    this.stopped = false;
  }

  open() {
    const socket = new this.environment.WebSocket(this.environment.addressOf(this.path));
    this.socket = socket;
    this.lastMessageAt = this.environment.now();
    this.heartbeatMs = HELLO_ANSWER_MS;
    socket.onopen = () => this.socket === socket && this.page.onOpen();
    socket.onmessage = (event) => this.socket === socket && this.receive(event.data);
    socket.onclose = (event) => this.socket === socket && this.onClosed(event.code);
    this.expectMessageWithin(HELLO_ANSWER_MS, () => this.onClosed(CLOSED_BY_PAGE));
  }

  send(frame) {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** Resets the back-off: the board is complete again. */
  resetBackoff() {
    this.attempt = 0;
  }

  /** Reconnects: at once, or with back-off if that was just tried. */
  restart() {
    this.discard();
    this.scheduleReconnect(
      this.attempt === 0 ? 0 : reconnectDelay(this.attempt, this.environment.random),
    );
  }

  /** Reconnects at once, or checks the open socket: the network or the reader is back. */
  wake() {
    if (this.stopped) return;
    if (this.socket?.readyState === OPEN) this.ping();
    else this.reconnectNow(); // a socket still connecting may belong to a lost network
  }

  /** Reconnects at once. */
  reconnectNow() {
    if (this.stopped) return;
    this.discard();
    this.scheduleReconnect(0);
  }

  /** Connects to another path, also after an end for good such as "refused". */
  moveTo(path) {
    this.path = path;
    this.stopped = false;
    this.attempt = 0;
    this.reconnectNow();
  }

  /** Closes for good: no timer and no event reconnects. */
  close() {
    this.stopped = true;
    this.discard();
  }

  receive(text) {
    const frame = JSON.parse(text);
    if (frame.type === "welcome") this.heartbeatMs = frame.heartbeat_seconds * 1000;
    if (frame.type === "goodbye") {
      this.notBefore = this.environment.monotonicNow() + frame.retry_after_ms;
    }
    this.lastMessageAt = this.environment.now();
    this.expectMessageWithin(this.heartbeatMs, () => this.ping());
    this.page.onFrame(frame);
  }

  ping() {
    if (this.socket?.readyState !== OPEN) return;
    if (this.isSilent()) {
      this.onClosed(CLOSED_BY_PAGE);
      this.scheduleReconnect(0);
      return;
    }
    this.send({ type: "ping", ref: this.environment.now() });
    this.expectMessageWithin(PONG_WITHIN_MS, () => this.onClosed(CLOSED_BY_PAGE));
  }

  /**
   * True if nothing arrived for longer than a live socket can be silent, as after the computer
   * slept.
   */
  isSilent() {
    return this.environment.now() - this.lastMessageAt > this.heartbeatMs + PONG_WITHIN_MS;
  }

  onClosed(code) {
    this.discard();
    const reaction = reactionTo(code);
    this.stopped = reaction !== "retry";
    if (!this.stopped)
      this.scheduleReconnect(reconnectDelay(this.attempt, this.environment.random));
    this.page.onDisconnect(reaction);
  }

  scheduleReconnect(wait) {
    const asked = this.notBefore - this.environment.monotonicNow();
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
  discard() {
    this.environment.clearTimeout(this.silenceTimer);
    this.environment.clearTimeout(this.retryTimer);
    const socket = this.socket;
    this.socket = null; // before close(), so that its late events are ignored
    socket?.close(CLOSED_BY_PAGE);
  }

  expectMessageWithin(milliseconds, otherwise) {
    this.environment.clearTimeout(this.silenceTimer);
    this.silenceTimer = this.environment.setTimeout(otherwise, milliseconds);
  }
}
