import assert from "node:assert/strict";
import test from "node:test";

import { Connection, reactionTo } from "../../realtime/static/realtime/connection.js";
import { FakeBrowser, welcome } from "./browser.mjs";

function connect() {
  const browser = new FakeBrowser();
  const page = { opened: 0, frames: [], downs: [] };
  page.onOpen = () => (page.opened += 1);
  page.onFrame = (frame) => page.frames.push(frame);
  page.onDisconnect = (reaction) => page.downs.push(reaction);
  const connection = new Connection("/ws/me/", page, browser);
  connection.open();
  return { browser, page, connection };
}

test("the client reacts to each close code as the protocol says", () => {
  const duties = { 1000: "retry", 1006: "retry", 1012: "retry", 4001: "retry", 4008: "retry" };
  Object.assign(duties, { 4010: "retry", 4029: "retry", 4400: "broken" });
  Object.assign(duties, { 4501: "signed-out", 4503: "refused", 4599: "refused" });
  for (const [code, reaction] of Object.entries(duties))
    assert.equal(reactionTo(Number(code)), reaction);
});

test("a lost connection reconnects after the back-off, not before", () => {
  const { browser, page } = connect();
  browser.socket.shut(1006);
  assert.deepEqual(page.downs, ["retry"]);
  browser.pass(499);
  assert.equal(browser.sockets.length, 1);
  browser.pass(1);
  assert.equal(browser.sockets.length, 2);
  assert.equal(browser.socket.address, "ws://board.example/ws/me/");
});

test("each failed attempt waits longer, until the board is complete again", () => {
  const { browser, connection } = connect();
  browser.socket.shut(1006);
  browser.pass(500);
  browser.socket.shut(1006);
  browser.pass(999);
  assert.equal(browser.sockets.length, 2);
  browser.pass(1);
  assert.equal(browser.sockets.length, 3);
  connection.resetBackoff();
  browser.socket.shut(1006);
  browser.pass(500);
  assert.equal(browser.sockets.length, 4);
});

for (const code of [4400, 4501, 4503]) {
  test(`after ${code} neither time nor a wake-up opens another socket`, () => {
    const { browser, connection } = connect();
    browser.socket.shut(code);
    browser.pass(3_600_000);
    connection.wake();
    browser.pass(3_600_000);
    assert.equal(browser.sockets.length, 1);
  });
}

test("waking up during the back-off reconnects at once", () => {
  const { browser, connection } = connect();
  browser.socket.shut(1006);
  connection.wake();
  browser.pass(0);
  assert.equal(browser.sockets.length, 2);
  browser.pass(60_000);
  assert.equal(browser.sockets.filter(({ readyState }) => readyState < 2).length, 1);
});

test("nothing reconnects before the server's goodbye allows it, not even after waking up", () => {
  const { browser, connection } = connect();
  browser.socket.accept();
  browser.socket.say({ type: "goodbye", code: 4001, retry_after_ms: 4000 });
  browser.socket.shut(4001);
  connection.wake();
  browser.pass(3999);
  assert.equal(browser.sockets.length, 1);
  browser.pass(1);
  assert.equal(browser.sockets.length, 2);
});

test("silence for a heartbeat is answered with a ping, and a pong keeps the socket", () => {
  const { browser } = connect();
  const { socket } = browser;
  socket.accept();
  socket.say(welcome());
  browser.pass(25_000);
  const [ping] = socket.sentOf("ping");
  socket.say({ type: "pong", ref: ping.ref });
  browser.pass(24_999);
  assert.equal(browser.sockets.length, 1);
  assert.equal(socket.sentOf("ping").length, 1);
});

test("a half-open socket is dropped when its ping stays unanswered", () => {
  const { browser, page } = connect();
  browser.socket.accept();
  browser.socket.say(welcome());
  browser.pass(25_000 + 4_999);
  assert.deepEqual(page.downs, []);
  browser.pass(1);
  assert.deepEqual(page.downs, ["retry"]);
  assert.equal(browser.sockets[0].closedWith, 1000);
});

test("a tab that wakes up checks its old socket with a ping at once", () => {
  const { browser, connection } = connect();
  browser.socket.accept();
  browser.socket.say(welcome());
  connection.wake();
  assert.equal(browser.socket.sentOf("ping").length, 1);
  browser.pass(5_000);
  assert.equal(browser.sockets[0].readyState, 3);
});

test("a socket that opens but never sends anything is dropped", () => {
  const { browser, page } = connect();
  browser.socket.accept();
  browser.pass(10_000);
  browser.pass(5_000);
  assert.deepEqual(page.downs, ["retry"]);
});

test("frames of a discarded socket are ignored", () => {
  const { browser, page, connection } = connect();
  const abandoned = browser.socket;
  abandoned.accept();
  connection.restart();
  browser.pass(0);
  abandoned.say(welcome());
  abandoned.shut(4503);
  assert.deepEqual([page.frames, page.downs], [[], []]);
  assert.equal(browser.sockets.length, 2);
});

test("repeated restarts back off instead of looping", () => {
  const { browser, connection } = connect();
  browser.socket.accept();
  connection.restart();
  browser.pass(0);
  browser.socket.accept();
  connection.restart();
  browser.pass(999);
  assert.equal(browser.sockets.length, 2);
  browser.pass(1);
  assert.equal(browser.sockets.length, 3);
});

test("closed for good stays closed", () => {
  const { browser, connection } = connect();
  browser.socket.accept();
  connection.close();
  connection.wake();
  browser.pass(3_600_000);
  assert.equal(browser.sockets.length, 1);
  assert.equal(browser.socket.closedWith, 1000);
});

test("waking up while connecting starts again, with one socket", () => {
  const { browser, connection } = connect();
  const knocking = browser.socket;
  connection.wake();
  browser.pass(0);
  assert.equal(knocking.closedWith, 1000);
  assert.deepEqual(
    browser.sockets.map(({ readyState }) => readyState),
    [3, 0],
  );
});

test("a socket silent for longer than possible is replaced without a ping", () => {
  const { browser, page, connection } = connect();
  browser.socket.accept();
  browser.socket.say(welcome());
  browser.clock += 60_000; // no timer ran: the computer slept
  connection.wake();
  assert.deepEqual(page.downs, ["retry"]);
  browser.pass(0);
  assert.equal(browser.sockets.length, 2);
  assert.equal(browser.sockets[0].closedWith, 1000);
});

test("a goodbye's delay does not grow when the clock is set back", () => {
  const { browser } = connect();
  browser.socket.accept();
  browser.socket.say({ type: "goodbye", code: 4001, retry_after_ms: 4000 });
  browser.socket.shut(4001);
  browser.setBy = -3_600_000;
  browser.pass(4000);
  assert.equal(browser.sockets.length, 2);
});
