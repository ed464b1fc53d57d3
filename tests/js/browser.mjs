// A fake browser: sockets, timers and events that are driven by the test.

export class FakeSocket {
  constructor(address, browser) {
    Object.assign(this, { address, browser, readyState: 0, sent: [], closedWith: null });
    browser.sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    if (this.readyState < 2) this.closedWith = code;
    this.readyState = 3;
  }

  // Actions of the server:
  accept() {
    this.readyState = 1;
    this.onopen();
  }

  say(...frames) {
    for (const frame of frames) this.onmessage({ data: JSON.stringify(frame) });
  }

  shut(code) {
    this.readyState = 3;
    this.onclose({ code });
  }

  sentOf(type) {
    return this.sent.filter((frame) => frame.type === type);
  }
}

export class FakeBrowser {
  constructor({ clock = Date.parse("2026-11-22T14:35:00+08:00") } = {}) {
    const browser = this;
    Object.assign(this, { clock, sockets: [], timers: new Map(), frames: [], hidden: false });
    this.setBy = this.reloads = 0;
    this.chance = 1; // full jitter takes this part of the wait
    this.WebSocket = class extends FakeSocket {
      constructor(address) {
        super(address, browser);
      }
    };
  }

  get socket() {
    return this.sockets.at(-1);
  }

  now = () => this.clock + this.setBy; // the computer's clock, which may be set
  monotonicNow = () => this.clock;
  random = () => this.chance;
  isHidden = () => this.hidden;
  addressOf = (path) => `ws://board.example${path}`;
  checkServer = (tell) => tell(!this.isAway);
  reload = () => (this.reloads += 1);
  listen = (listeners) => Object.assign(this, listeners);
  afterPaint = (callback) => callback();
  requestAnimationFrame = (callback) => this.frames.push(callback);
  setTimeout = (callback, wait) => {
    const timer = Symbol("timer");
    this.timers.set(timer, { at: this.clock + wait, callback });
    return timer;
  };
  clearTimeout = (timer) => this.timers.delete(timer);

  /** Let time go by, running what falls due, in order. */
  pass(milliseconds) {
    const until = this.clock + milliseconds;
    for (let next = this.nextDue(until); next; next = this.nextDue(until)) {
      const [timer, { at, callback }] = next;
      this.timers.delete(timer);
      this.clock = Math.max(this.clock, at);
      callback();
    }
    this.clock = until;
  }

  nextDue(until) {
    const due = [...this.timers].filter(([, { at }]) => at <= until);
    return due.sort(([, a], [, b]) => a.at - b.at)[0];
  }

  /** Show the next animation frame. */
  paint() {
    for (const callback of this.frames.splice(0)) callback();
  }
}

export const EPOCH = "e1";

export const welcome = ({ position = 0, resumed = false, ...changed } = {}) => ({
  type: "welcome",
  protocol: 1,
  topic: "board.autumn",
  epoch: EPOCH,
  position,
  resumed,
  stalled_since: null,
  server_time: "2026-11-22T14:35:00+08:00",
  heartbeat_seconds: 25,
  ...changed,
});

export const snapshot = (position, ...rows) => ({
  type: "snapshot",
  topic: "board.autumn",
  epoch: EPOCH,
  position,
  rows,
});

/** The frame by which the server says since when no changes arrive; null: they do again. */
export const stalled = (since) => ({
  type: "latest",
  topic: "board.autumn",
  items: [
    {
      key: "feed:stalled",
      row: since && { key: "feed:stalled", kind: "feed", version: 0, since },
    },
  ],
});

export const row = (id, version = 1, fields = {}) => ({
  key: `interview:${id}`,
  kind: "interview",
  version,
  ...fields,
});

export const changes = (from, to, rows, committed_at = "2026-11-22T14:35:00+08:00") => ({
  type: "changes",
  topic: "board.autumn",
  epoch: EPOCH,
  from,
  to,
  changes: rows.map((one) => ({ key: one.key, version: one.version, row: one })),
  committed_at,
});
