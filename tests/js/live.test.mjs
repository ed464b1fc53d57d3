import assert from "node:assert/strict";
import test from "node:test";

import { openLive } from "../../realtime/static/realtime/live.js";
import { changes, FakeBrowser, row, snapshot, stalled, welcome } from "./browser.mjs";

function follow(browser = new FakeBrowser()) {
  const seen = { states: [], boards: [], latest: [] };
  const live = openLive(
    {
      socket: "/ws/board/autumn/",
      onBoard: (board, latest) => {
        seen.boards.push(board);
        seen.latest.push(latest);
      },
      onState: (state) => seen.states.push(state),
    },
    browser,
  );
  return { browser, live, ...seen };
}

function followLive(position = 4, ...rows) {
  const page = follow();
  page.browser.socket.accept();
  page.browser.socket.say(welcome({ position }), snapshot(position, ...rows));
  page.browser.paint();
  return page;
}

const names = (states) => states.map(({ name }) => name);

test("the first frame is a hello without a position", () => {
  const { browser } = follow();
  browser.socket.accept();
  assert.deepEqual(browser.socket.sent, [{ type: "hello", epoch: null, position: null }]);
});

test("a page is live once it reaches the position in the welcome", () => {
  const { browser, states } = follow();
  browser.socket.accept();
  browser.socket.say(welcome({ position: 9 }), snapshot(7, row(1)));
  assert.deepEqual(names(states), ["catching-up"]);
  browser.socket.say(changes(8, 9, [row(1, 2)]));
  assert.deepEqual(names(states), ["catching-up", "live"]);
});

test("many frames are drawn once, in the next animation frame", () => {
  const { browser, boards } = followLive(4, row(1));
  for (const at of [5, 6, 7]) browser.socket.say(changes(at, at, [row(1, at)]));
  assert.equal(boards.length, 1);
  browser.paint();
  assert.equal(boards.length, 2);
  assert.equal(boards[1].rows.get("interview:1").version, 7);
});

test("the ack has the applied position and the age of the change when painted", () => {
  const { browser } = followLive();
  browser.clock += 240;
  browser.socket.say(changes(5, 5, [row(1)], "2026-11-22T14:35:00.210+08:00"));
  browser.clock += 16;
  browser.paint();
  assert.deepEqual(browser.socket.sentOf("ack"), [
    { type: "ack", position: 4 },
    { type: "ack", position: 5, shown_ms: 46 },
  ]);
});

test("shown_ms uses the server's time when the browser's clock is wrong", () => {
  const { browser } = follow();
  browser.clock += 7_200_000; // two hours ahead of the server
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4 }), snapshot(4));
  browser.clock += 30;
  browser.socket.say(changes(5, 5, [row(1)], "2026-11-22T14:35:00.010+08:00"));
  browser.paint();
  assert.equal(browser.socket.sentOf("ack").at(-1).shown_ms, 20);
});

test("acks are sent at most five times a second, with the slowest change in between", () => {
  const { browser } = followLive();
  for (const at of [5, 6, 7]) {
    browser.pass(20);
    browser.socket.say(changes(at, at, [row(1, at)], "2026-11-22T14:35:00.010+08:00"));
    browser.paint();
  }
  assert.equal(browser.socket.sentOf("ack").length, 1); // of the snapshot
  browser.pass(140);
  assert.deepEqual(browser.socket.sentOf("ack").at(-1), {
    type: "ack",
    position: 7,
    shown_ms: 50,
  });
});

test("changes missed while disconnected are not counted as slow", () => {
  const { browser } = followLive();
  browser.socket.shut(1006);
  browser.pass(60_000);
  browser.socket.accept();
  const back = "2026-11-22T14:36:00+08:00";
  const missed = changes(5, 5, [row(1)], "2026-11-22T14:35:20+08:00");
  browser.socket.say(welcome({ position: 4, resumed: true, server_time: back }), missed);
  browser.paint();
  assert.deepEqual(browser.socket.sentOf("ack"), [{ type: "ack", position: 5 }]);
});

test("a disconnected page shows since when, and resumes at its position", () => {
  const { browser, states } = followLive();
  const heard = browser.clock;
  browser.pass(10_000);
  browser.socket.shut(1006);
  assert.equal(states.at(-1).name, "offline");
  assert.equal(states.at(-1).since.getTime(), heard);
  browser.pass(1000);
  browser.socket.accept();
  assert.deepEqual(browser.socket.sent, [{ type: "hello", epoch: "e1", position: 4 }]);
});

test("a resume that missed nothing is live without any changes", () => {
  const { browser, states } = followLive();
  browser.socket.shut(1006);
  browser.pass(1000);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4, resumed: true }));
  assert.equal(states.at(-1).name, "live");
});

test("a gap is closed by a new hello on a new socket", () => {
  const { browser, states, boards } = followLive(4, row(1));
  browser.socket.say(changes(6, 6, [row(1, 3)]));
  assert.equal(states.at(-1).name, "catching-up");
  browser.pass(0);
  assert.equal(browser.sockets.length, 2);
  browser.socket.accept();
  assert.equal(browser.socket.sent[0].position, 4);
  browser.socket.say(welcome({ position: 6, resumed: true }), changes(5, 6, [row(1, 3)]));
  browser.paint();
  assert.equal(states.at(-1).name, "live");
  assert.equal(boards.at(-1).position, 6);
  assert.equal(boards.at(-1).stale, false);
});

test("a resume that ends at the same gap asks for a snapshot", () => {
  const { browser } = followLive();
  browser.socket.say(changes(6, 6, []));
  browser.pass(0);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 7, resumed: true }), changes(7, 7, []));
  browser.pass(30_000);
  browser.socket.accept();
  assert.deepEqual(browser.socket.sent, [{ type: "hello", epoch: null, position: null }]);
});

test("another epoch ends in a snapshot of that epoch", () => {
  const { browser, boards, states } = followLive(4, row(1));
  browser.socket.say({ ...changes(5, 5, []), epoch: "e2" });
  browser.pass(0);
  browser.socket.accept();
  browser.socket.say(welcome({ epoch: "e2", position: 1 }), {
    ...snapshot(1, row(2)),
    epoch: "e2",
  });
  browser.paint();
  assert.deepEqual([...boards.at(-1).rows.keys()], ["interview:2"]);
  assert.equal(states.at(-1).name, "live");
});

for (const [code, name] of [
  [4501, "signed-out"],
  [4503, "refused"],
  [4400, "broken"],
]) {
  test(`close code ${code} shows as ${name}`, () => {
    const { browser, states } = followLive();
    browser.socket.shut(code);
    assert.equal(states.at(-1).name, name);
  });
}

test("progress and presence reach the page beside the board", () => {
  const { browser, latest, boards } = followLive(4, row(1));
  const presence = { key: "presence:7", kind: "presence", version: 0 };
  browser.socket.say({ type: "latest", items: [{ key: presence.key, row: presence }] });
  browser.paint();
  assert.deepEqual([...latest.at(-1).values()], [presence]);
  assert.equal(boards.at(-1).rows.has("presence:7"), false);
});

test("a stored row supersedes the progress before it", () => {
  const { browser, latest } = followLive();
  const task = { key: "task:1", kind: "task", version: 2, state: "running" };
  browser.socket.say({ type: "latest", items: [{ key: task.key, row: task }] });
  browser.socket.say(changes(5, 5, [{ ...task, version: 3, state: "succeeded" }]));
  browser.paint();
  assert.equal(latest.at(-1).has("task:1"), false);
});

test("people who left while the page was disconnected are no longer shown", () => {
  const { browser, latest } = followLive();
  browser.socket.say({
    type: "latest",
    items: [{ key: "presence:7", row: { key: "presence:7" } }],
  });
  browser.paint();
  assert.equal(latest.at(-1).size, 1);
  browser.socket.shut(1006);
  browser.pass(1000);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4, resumed: true }));
  browser.paint();
  assert.equal(latest.at(-1).size, 0);
});

test("an open card is reported after five seconds, closing it at once", () => {
  const { browser, live } = followLive();
  live.watch("interview:1");
  browser.pass(3000);
  live.watch("interview:2");
  browser.pass(4999);
  assert.deepEqual(browser.socket.sentOf("watching"), []);
  browser.pass(1);
  live.watch(null);
  const keys = browser.socket.sentOf("watching").map(({ key }) => key);
  assert.deepEqual(keys, ["interview:2", null]);
});

test("the open card is reported again on a new socket", () => {
  const { browser, live } = followLive();
  live.watch("interview:1");
  browser.pass(5000);
  browser.socket.shut(1006);
  browser.pass(1000);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4, resumed: true }));
  browser.pass(5000);
  assert.equal(browser.socket.sentOf("watching").at(-1).key, "interview:1");
});

test("a hidden tab goes on drawing and acknowledging, at most once a second", () => {
  const { browser, boards } = followLive();
  browser.hidden = true;
  browser.pass(1000);
  for (const at of [5, 6, 7]) browser.socket.say(changes(at, at, [row(at)]));
  assert.equal(boards.length, 2); // the first at once
  browser.pass(1000);
  assert.equal(boards.length, 3); // the rest together
  assert.deepEqual(browser.socket.sentOf("ack").at(-1), { type: "ack", position: 7 });
});

test("a tab hidden before its animation frame came does not wait for it", () => {
  const { browser, boards } = followLive();
  browser.socket.say(changes(5, 5, [row(1)]));
  browser.hidden = true;
  browser.pass(500);
  assert.equal(boards.length, 2);
});

test("leaving a page closes its socket, and coming back opens one", () => {
  const { browser } = followLive();
  browser.leave();
  assert.equal(browser.socket.closedWith, 1000);
  browser.wake();
  browser.pass(0);
  assert.equal(browser.sockets.length, 2);
});

const HOUR_MS = 3_600_000;

test("setting the clock while the page is open costs a resume and shifts no time", () => {
  const { browser, live, states } = followLive();
  browser.setBy = HOUR_MS;
  browser.pass(2000);
  assert.equal(states.at(-1).name, "catching-up");
  assert.equal(browser.sockets.length, 2);
  browser.socket.accept();
  browser.socket.say(
    welcome({ position: 4, resumed: true, server_time: "2026-11-22T14:35:02+08:00" }),
  );
  assert.equal(states.at(-1).name, "live");
  assert.equal(live.now().toISOString(), "2026-11-22T06:35:02.000Z");
});

test("setting the clock does not add attempts to reconnect", () => {
  const { browser } = followLive();
  browser.setBy = HOUR_MS;
  browser.pass(2000);
  const before = browser.sockets.length;
  browser.socket.shut(1006);
  browser.pass(500);
  browser.socket.shut(1006);
  browser.pass(900);
  assert.equal(browser.sockets.length, before + 1);
});

test("the time since when a page is offline is the server's", () => {
  const { browser, states } = follow();
  browser.setBy = HOUR_MS;
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4 }), snapshot(4));
  browser.socket.shut(1006);
  assert.equal(states.at(-1).since.toISOString(), "2026-11-22T06:35:00.000Z");
});

test("acknowledgements go on when the clock is set back by an hour", () => {
  const { browser } = followLive();
  browser.setBy = -HOUR_MS;
  browser.pass(250);
  browser.socket.say(changes(5, 5, [row(1)]));
  browser.paint();
  assert.equal(browser.socket.sentOf("ack").at(-1).position, 5);
});

test("a hidden tab goes on drawing when the clock is set back by an hour", () => {
  const { browser, boards } = followLive();
  browser.hidden = true;
  browser.setBy = -HOUR_MS;
  browser.pass(1000);
  browser.socket.say(changes(5, 5, [row(1)]));
  assert.equal(boards.at(-1).position, 5);
});

test("changes committed while the tab was hidden are not counted as slow", () => {
  const { browser } = followLive();
  browser.hidden = true;
  browser.pass(500);
  browser.socket.say(changes(5, 5, [row(1)], "2026-11-22T14:35:00.500+08:00"));
  browser.hidden = false;
  browser.pass(400);
  browser.seen();
  browser.paint();
  assert.deepEqual(browser.socket.sentOf("ack").at(-1), { type: "ack", position: 5 });
  browser.pass(300);
  browser.socket.say(changes(6, 6, [row(1)], "2026-11-22T14:35:01.190+08:00"));
  browser.paint();
  assert.deepEqual(browser.socket.sentOf("ack").at(-1), { type: "ack", position: 6, shown_ms: 10 });
});

test("a tab that becomes visible is drawn with the next frame", () => {
  const { browser, boards } = followLive();
  browser.hidden = true;
  browser.pass(1000);
  browser.socket.say(changes(5, 5, [row(1)]), changes(6, 6, [row(2)]));
  assert.equal(boards.at(-1).position, 5);
  browser.hidden = false;
  browser.seen();
  browser.paint();
  assert.equal(boards.at(-1).position, 6);
});

test("a hidden tab with throttled timers still draws what arrives", () => {
  const { browser, boards } = followLive();
  browser.hidden = true;
  browser.pass(1000);
  browser.socket.say(changes(5, 5, [row(1)]), changes(6, 6, [row(2)]));
  browser.clock += 1500; // no timer ran
  browser.socket.say(changes(7, 7, [row(3)]));
  assert.equal(boards.at(-1).position, 7);
});

test("an open connection on which no changes arrive is stalled, until they arrive again", () => {
  const { browser, states } = followLive();
  browser.socket.say(stalled("2026-11-22T14:34:00+08:00"));
  assert.equal(states.at(-1).name, "stalled");
  assert.equal(states.at(-1).since.toISOString(), "2026-11-22T06:34:00.000Z");
  browser.pass(5000);
  browser.socket.say(stalled(null));
  assert.deepEqual(names(states), ["catching-up", "live", "stalled", "live"]);
});

test("a page opened while no changes arrive never claims to be live", () => {
  const { browser, states } = follow();
  browser.socket.accept();
  browser.socket.say(
    welcome({ position: 4 }),
    stalled("2026-11-22T14:34:00+08:00"),
    snapshot(4, row(1)),
  );
  assert.deepEqual(names(states), ["catching-up", "stalled"]);
});

test("a stalled page that loses its connection is offline, and live after a normal welcome", () => {
  const { browser, states } = followLive();
  browser.socket.say(stalled("2026-11-22T14:34:00+08:00"));
  browser.socket.shut(1006);
  assert.equal(states.at(-1).name, "offline");
  browser.pass(1000);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4, resumed: true }));
  assert.deepEqual(names(states).slice(-3), ["offline", "catching-up", "live"]);
});

test("a stalled page that resumes with nothing missed never claims to be live in between", () => {
  const { browser, states } = followLive();
  const since = "2026-11-22T14:34:00+08:00";
  browser.socket.say(stalled(since));
  browser.socket.shut(1006);
  browser.pass(1000);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4, resumed: true, stalled_since: since }), stalled(since));
  assert.deepEqual(names(states).slice(-4), ["stalled", "offline", "catching-up", "stalled"]);
  assert.equal(states.at(-1).since.toISOString(), "2026-11-22T06:34:00.000Z");
  browser.socket.say(stalled(null));
  assert.equal(states.at(-1).name, "live");
});

test("another protocol version makes the page stop and say that it is outdated", () => {
  const { browser, states } = followLive();
  browser.socket.shut(4001);
  browser.pass(1000);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 9, protocol: 2 }));
  assert.equal(states.at(-1).name, "outdated");
  browser.wake();
  browser.pass(HOUR_MS);
  assert.equal(browser.sockets.length, 2);
  assert.equal(browser.socket.closedWith, 1000);
});

test("a page restored from the browser's cache does not claim to be live", () => {
  const { browser, states } = followLive();
  browser.leave();
  assert.equal(states.at(-1).name, "catching-up");
});

test("another day replaces the rows, resumes nothing, and keeps the server's time", () => {
  const browser = new FakeBrowser();
  browser.setBy = 86_400_000; // the computer's clock is a day fast
  const { live, boards, states } = follow(browser);
  browser.socket.accept();
  browser.socket.say(welcome({ position: 4 }), snapshot(4, row(1)));
  browser.paint();
  const before = live.now().getTime();
  const first = browser.socket;
  live.follow("/ws/board/autumn/?day=2026-11-30");
  browser.pass(0);
  browser.paint();
  assert.equal(boards.at(-1).rows.size, 0);
  assert.equal(live.now().getTime(), before);
  assert.notEqual(browser.socket, first);
  browser.socket.accept();
  assert.deepEqual(browser.socket.sent[0], { type: "hello", epoch: null, position: null });
  browser.socket.say(welcome({ position: 2 }), snapshot(2, row(7)));
  browser.paint();
  assert.deepEqual([...boards.at(-1).rows.keys()], ["interview:7"]);
  assert.equal(states.at(-1).name, "live");
  first.say(changes(5, 5, [row(1, 2)]));
  browser.paint();
  assert.deepEqual([...boards.at(-1).rows.keys()], ["interview:7"], "late frames of the old day");
});
