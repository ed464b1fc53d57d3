// A live list for a page: joins connection, stream and frame scheduler. A page sends hello and
// receives welcome, then a snapshot or changes. After a gap in the positions it connects again and
// resumes.

import { AckSender } from "./acks.js";
import { Connection } from "./connection.js";
import { browser } from "./environment.js";
import { createFrameScheduler } from "./frame-scheduler.js";
import { ServerClock } from "./server-clock.js";
import { apply, applyLatest, emptyBoard } from "./stream.js";
import { ViewingReporter } from "./viewing.js";

export const PROTOCOL = 1; // version of the frames that this page understands
const STALLED = "feed:stalled"; // row that says since when no changes have reached the server

/**
 * Follows a live list.
 * @param {object} page
 * @param {string} page.socket path of the socket, such as "/ws/me/"
 * @param {(board: Board, latest: Map<string, any>) => void} page.onBoard called at most once per
 *   animation frame
 * @param {(state: ConnectionState) => void} [page.onState]
 * @param {typeof browser} [environment]
 * @returns {LiveList}
 */
export function openLive({ socket, onBoard, onState = () => {} }, environment = browser) {
  const live = new Live(socket, onBoard, onState, environment);
  live.start();
  return {
    watch: (key) => live.viewing.setKey(key),
    now: () => new Date(live.clock.now()),
    follow: (path) => live.follow(path),
    close: () => live.close(),
  };
}

class Live {
  constructor(socket, onBoard, onState, environment) {
    this.onState = onState;
    this.environment = environment;
    /** @type {Board} */
    this.board = emptyBoard;
    this.latest = new Map();
    this.state = null; // of the connection
    this.shown = null; // the state last passed to onState
    this.target = 0; // position named in the welcome; the board is live from there
    this.staleAt = null; // position before the last gap
    this.needsSnapshot = false; // a resume ended at the same gap
    this.clock = new ServerClock(environment);
    this.connection = new Connection(socket, this, environment);
    const send = (frame) => this.connection.send(frame);
    this.viewing = new ViewingReporter(send, environment);
    this.acks = new AckSender(send, this.clock, environment);
    const draw = () => onBoard(this.board, this.latest);
    const painted = (how) => this.acks.painted(this.board.position, how);
    this.scheduler = createFrameScheduler({ draw, painted }, environment);
  }

  start() {
    this.environment.listen({
      wake: () => this.wake(),
      leave: () => this.leave(),
      seen: () => this.seen(),
    });
    this.setState("catching-up");
    this.connection.open();
    this.clock.watchDrift(() => this.reconnect());
  }

  // The clock stays synchronized: a page that shows another day must not fall back to the
  // computer's time, which may be wrong.
  follow(socket) {
    this.board = emptyBoard;
    this.latest = new Map();
    this.staleAt = null;
    this.needsSnapshot = false;
    this.connection.moveTo(socket);
    this.setState("catching-up");
    this.scheduler.request();
  }

  close() {
    this.clock.stop();
    this.connection.close();
  }

  wake() {
    if (!this.clock.checkDrift()) this.connection.wake();
  }

  seen() {
    this.acks.measureFrom();
    this.scheduler.seen();
  }

  // A page restored from the back/forward cache is not live at first.
  leave() {
    this.connection.discard();
    if (this.state === "live") this.setState("catching-up");
  }

  reconnect() {
    if (this.state === "live") this.setState("catching-up");
    this.connection.reconnectNow();
  }

  onOpen() {
    const known = !this.needsSnapshot && this.board.position !== null;
    const { epoch, position } = known ? this.board : emptyBoard;
    this.connection.send({ type: "hello", epoch, position });
    this.clock.helloSent();
    this.acks.reset(position);
  }

  onFrame(frame) {
    if (frame.type === "welcome") this.welcome(frame);
    else if (frame.type === "latest") this.takeLatest(frame);
    else if (frame.type === "snapshot" || frame.type === "changes") this.advance(frame);
    this.lastMessageAt = this.clock.now();
    if (frame.type !== "pong") this.scheduler.request();
  }

  takeLatest(frame) {
    this.latest = applyLatest(this.latest, frame);
    this.showState();
  }

  onDisconnect(reaction) {
    const since = this.lastMessageAt ?? this.clock.now();
    if (reaction === "retry") this.setState("offline", since);
    else this.setState(reaction);
  }

  // The site was updated. Frames of another protocol are not interpreted; typed input stays.
  outdated() {
    this.close();
    this.setState("outdated");
  }

  welcome(frame) {
    if (frame.protocol !== PROTOCOL) return this.outdated();
    this.clock.synchronize(frame.server_time);
    this.acks.measureFrom(Date.parse(frame.server_time));
    this.target = frame.position;
    // Presence and progress are sent again on each socket.
    const since = frame.stalled_since;
    this.latest = new Map(since ? [[STALLED, { key: STALLED, since }]] : []);
    this.setState("catching-up");
    if (frame.resumed) this.checkCaughtUp();
    this.viewing.resend();
  }

  advance(frame) {
    const before = this.board;
    this.board = apply(before, frame);
    if (this.board === before) return;
    if (this.board.stale) return this.resume();
    if (frame.type === "changes") this.supersede(frame);
    else this.needsSnapshot = false;
    this.checkCaughtUp();
  }

  // A stored row supersedes the progress of its key.
  supersede(frame) {
    const items = frame.changes.map(({ key }) => ({ key, row: null }));
    this.latest = applyLatest(this.latest, { items });
    this.acks.recordCommit(frame.committed_at);
  }

  resume() {
    this.needsSnapshot = this.staleAt === this.board.position;
    this.staleAt = this.board.position;
    this.setState("catching-up");
    this.connection.restart();
  }

  checkCaughtUp() {
    if (this.board.position === null || this.board.position < this.target) return;
    this.connection.resetBackoff();
    this.setState("live");
  }

  setState(name, since = this.clock.now()) {
    if (this.state === name) return;
    this.state = name;
    this.since = since;
    this.showState();
  }

  // A connection on which no changes can arrive is open, but not live.
  showState() {
    const stalled = this.state === "live" ? this.latest.get(STALLED) : null;
    const name = stalled ? "stalled" : this.state;
    if (this.shown === name) return;
    this.shown = name;
    this.onState({ name, since: new Date(stalled ? stalled.since : this.since) });
  }
}
