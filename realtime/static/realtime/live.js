// A live list for a page: joins the connection, the pure stream and the painter.
// hello → welcome → snapshot or changes; a hole means a new hello on a new socket.

import { ViewingReporter } from "./viewing.js";
import { Connection } from "./connection.js";
import { browser } from "./environment.js";
import { createFrameScheduler } from "./frame-scheduler.js";
import { AckSender } from "./acks.js";
import { ServerClock } from "./server-clock.js";
import { apply, applyLatest, emptyBoard } from "./stream.js";

export const PROTOCOL = 1; // of the frames that this page understands

/**
 * Follow a live list.
 * @param {object} page
 *   socket   path of the socket, such as "/ws/me/"
 *   onBoard  (board, latest): at most once per animation frame; board.rows is Map(key → row)
 *   onState  ({ name, since }): live, catching-up, offline, outdated, signed-out, refused or
 *            broken; since in the server's time
 * @returns {{ watch: (key: string | null) => void, now: () => Date, close: () => void }} now: the
 *   server's time, once it has told it
 */
export function openLive({ socket, onBoard, onState = () => {} }, environment = browser) {
  const live = new Live(socket, onBoard, onState, environment);
  live.start();
  return {
    watch: (key) => live.attention.watch(key),
    now: () => new Date(live.clock.now()),
    close: () => live.close(),
  };
}

class Live {
  constructor(socket, onBoard, onState, environment) {
    Object.assign(this, { onBoard, onState, environment });
    this.board = emptyBoard;
    this.latest = new Map();
    this.state = null;
    this.target = 0; // position the welcome promised; live from there on
    this.staleAt = null; // position of the last hole
    this.needsSnapshot = false; // a resume met the same hole again
    this.clock = new ServerClock(environment);
    this.connection = new Connection(socket, this, environment);
    const send = (frame) => this.connection.send(frame);
    this.attention = new ViewingReporter(send, environment);
    this.receipts = new AckSender(send, this.clock, environment);
    const draw = () => onBoard(this.board, this.latest);
    const painted = (how) => this.receipts.painted(this.board.position, how);
    this.painter = createFrameScheduler({ draw, painted }, environment);
  }

  start() {
    this.environment.listen({
      wake: () => this.wake(),
      leave: () => this.leave(),
      seen: () => this.seen(),
    });
    this.say("catching-up");
    this.connection.open();
    this.clock.onDoubt(() => this.askAgain());
  }

  close() {
    this.clock.stop();
    this.connection.close();
  }

  wake() {
    if (!this.clock.check()) this.connection.wake();
  }

  seen() {
    this.receipts.looking();
    this.painter.seen();
  }

  // Should the page come back, as it was, out of the browser's cache, it is not live yet.
  leave() {
    this.connection.drop();
    if (this.state === "live") this.say("catching-up");
  }

  askAgain() {
    if (this.state === "live") this.say("catching-up");
    this.connection.renew();
  }

  onOpen() {
    const known = !this.needsSnapshot && this.board.position !== null;
    const { epoch, position } = known ? this.board : emptyBoard;
    this.connection.send({ type: "hello", epoch, position });
    this.clock.asked();
    this.receipts.began(position);
  }

  onFrame(frame) {
    if (frame.type === "welcome") this.welcome(frame);
    else if (frame.type === "latest") this.latest = applyLatest(this.latest, frame);
    else if (frame.type === "snapshot" || frame.type === "changes") this.advance(frame);
    this.heardAt = this.clock.now();
    if (frame.type !== "pong") this.painter.request();
  }

  onDown(duty) {
    const since = this.heardAt ?? this.clock.now();
    if (duty === "retry") this.say("offline", since);
    else this.say(duty);
  }

  // The site was updated beneath the page. Nothing is guessed; what is typed stays.
  outdated() {
    this.close();
    this.say("outdated");
  }

  welcome(frame) {
    if (frame.protocol !== PROTOCOL) return this.outdated();
    this.clock.told(frame.server_time);
    this.receipts.looking(Date.parse(frame.server_time));
    this.target = frame.position;
    this.latest = new Map(); // presence and progress are told anew on each socket
    this.say("catching-up");
    if (frame.resumed) this.checkWhole();
    this.attention.again();
  }

  advance(frame) {
    const before = this.board;
    this.board = apply(before, frame);
    if (this.board === before) return;
    if (this.board.stale) return this.resume();
    if (frame.type === "changes") this.tookOver(frame);
    else this.needsSnapshot = false;
    this.checkWhole();
  }

  // A durable row says the last word on its key: drop the progress that led up to it.
  tookOver(frame) {
    const items = frame.changes.map(({ key }) => ({ key, row: null }));
    this.latest = applyLatest(this.latest, { items });
    this.receipts.took(frame.committed_at);
  }

  resume() {
    this.needsSnapshot = this.staleAt === this.board.position;
    this.staleAt = this.board.position;
    this.say("catching-up");
    this.connection.restart();
  }

  checkWhole() {
    if (this.board.position === null || this.board.position < this.target) return;
    this.connection.settled();
    this.say("live");
  }

  say(name, since = this.clock.now()) {
    if (this.state === name) return;
    this.state = name;
    this.onState({ name, since: new Date(since) });
  }
}
