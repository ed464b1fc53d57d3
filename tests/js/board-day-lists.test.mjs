import assert from "node:assert/strict";
import test from "node:test";

import "./static-resolver.mjs";
import { card } from "./cards.mjs";

const BOARD = "../../interview/static/interview/board";
const { DayLists } = await import(`${BOARD}/day-lists.js`);
const { buildViewModel } = await import(`${BOARD}/model/view-model.js`);
const { emptyFilter } = await import(`${BOARD}/model/filters.js`);
const { Clock } = await import(`${BOARD}/util/clock.js`);

const TODAY = "2026-11-29";
const TOMORROW = "2026-11-30";

/** A board whose live lists only record what they are asked. */
function board(urlState = { day: null }) {
  const app = {
    config: { socket: "/ws/board/autumn/", today: TODAY },
    clock: new Clock("Asia/Shanghai", "en"),
    urlState,
    filter: emptyFilter,
    look: { isFolded: false },
    rows: new Map(),
    tomorrow: new Map(),
    latest: new Map(),
    isReady: false,
    isClockSet: false,
    refresh() {},
  };
  const opened = [];
  const open = (page) => {
    const list = { page, sockets: [page.socket], isClosed: false };
    opened.push(list);
    return {
      now: () => new Date(),
      watch() {},
      follow: (socket) => list.sockets.push(socket),
      close: () => (list.isClosed = true),
    };
  };
  const lists = new DayLists(app, { draw() {}, onState() {} }, open);
  return { app, lists, opened };
}

const at = (time) => new Date(`${time}+08:00`);
const held = (...rows) => ({ position: 1, rows: new Map(rows.map((row) => [row.key, row])) });

test("a board opens the list of the day, and then tomorrow's beside it", () => {
  const { app, lists, opened } = board();
  assert.deepEqual(opened[0].sockets, [`/ws/board/autumn/?day=${TODAY}`]);
  lists.follow(buildViewModel(app, at("2026-11-29T09:00")));
  assert.equal(opened.length, 1, "today's list has not arrived");
  opened[0].page.onBoard(held(), new Map());
  lists.follow(buildViewModel(app, at("2026-11-29T09:00")));
  assert.deepEqual(opened[1].sockets, [`/ws/board/autumn/?day=${TOMORROW}&presence=no`]);
});

test("until the server has told its time, today is the day that it rendered", () => {
  const { app, opened } = board();
  assert.equal(buildViewModel(app, at("2031-01-01T09:00")).day, TODAY);
  opened[0].page.onBoard(held(), new Map());
  assert.equal(buildViewModel(app, at("2026-11-30T00:00")).day, TOMORROW);
});

test("at midnight on the campaign's clock the board turns to the new day", () => {
  const { app, lists, opened } = board();
  opened[0].page.onBoard(held(card("14:00", { day: TODAY })), new Map());
  lists.follow(buildViewModel(app, at("2026-11-29T23:59")));
  assert.equal(opened[0].sockets.length, 1);
  lists.follow(buildViewModel(app, at("2026-11-30T00:00")));
  assert.deepEqual(opened[0].sockets.at(-1), `/ws/board/autumn/?day=${TOMORROW}`);
  assert.equal(app.rows.size, 0, "nothing of the day before is shown as today's");
  assert.equal(app.isReady, false);
  opened[0].page.onBoard(held(), new Map());
  lists.follow(buildViewModel(app, at("2026-11-30T00:00")));
  assert.deepEqual(opened[1].sockets.at(-1), "/ws/board/autumn/?day=2026-12-01&presence=no");
});

test("another day that was chosen stays after midnight, and has no list beside it", () => {
  const { app, lists, opened } = board();
  opened[0].page.onBoard(held(), new Map());
  lists.follow(buildViewModel(app, at("2026-11-29T23:59")));
  app.urlState = { day: "2026-12-05" };
  lists.follow(buildViewModel(app, at("2026-11-29T23:59")));
  assert.deepEqual(opened[0].sockets.at(-1), "/ws/board/autumn/?day=2026-12-05");
  assert.equal(opened[1].isClosed, true);
  lists.follow(buildViewModel(app, at("2026-11-30T00:01")));
  assert.deepEqual(opened[0].sockets.at(-1), "/ws/board/autumn/?day=2026-12-05");
});

test("today's list of what needs action has tomorrow's declined interviews", () => {
  const { app, lists, opened } = board();
  opened[0].page.onBoard(held(), new Map());
  lists.follow(buildViewModel(app, at("2026-11-29T18:00")));
  const declined = card("14:00", { id: 7, day: TOMORROW, flags: ["declined"] });
  opened[1].page.onBoard(held(declined), new Map());
  const { actionItems, cards } = buildViewModel(app, at("2026-11-29T18:00"));
  assert.deepEqual(
    actionItems.map((item) => item.card.id),
    [7],
  );
  assert.deepEqual(cards, [], "it is no card of today");
});
