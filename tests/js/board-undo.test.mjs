// Undo: steps one after the other, newest first, for as long as the server allows it.

import assert from "node:assert/strict";
import test from "node:test";
import { UndoStack } from "../../interview/static/interview/board/model/undo-stack.js";

const MINUTE = 60_000;

function stackAt(time = { now: 0 }) {
  const forgotten = [];
  const stack = new UndoStack(10, () => time.now);
  const take = (key, version) =>
    stack.push({
      key,
      id: 1,
      version,
      candidate: "",
      forget: () => forgotten.push([key, version]),
    });
  return { stack, take, forgotten };
}

test("steps of several cards are undone in reverse order", () => {
  const { stack, take } = stackAt();
  take("a", 2);
  take("b", 7);
  assert.equal(stack.newest().key, "b");
  stack.remove("b", 7, 8);
  assert.equal(stack.newest().key, "a");
  stack.remove("a", 2, 3);
  assert.equal(stack.newest(), null);
});

test("an earlier step of a card is undone from the version that the undo led to", () => {
  const { stack, take } = stackAt();
  take("a", 2);
  take("a", 3);
  stack.remove("a", 3, 4);
  assert.equal(stack.newest().version, 4);
  stack.remove("a", 4, 5);
  assert.equal(stack.newest(), null);
});

test("only the newest step of a card has a button, and none after it was undone", () => {
  const { stack, take, forgotten } = stackAt();
  take("a", 2);
  take("b", 5);
  assert.deepEqual(forgotten, []);
  take("a", 3);
  assert.deepEqual(forgotten, [["a", 2]]);
  stack.remove("a", 3, 4);
  assert.deepEqual(forgotten.at(-1), ["a", 3]);
});

test("a step that somebody has followed is removed, and steps of other cards stay", () => {
  const { stack, take } = stackAt();
  take("a", 2);
  take("b", 5);
  stack.remove("b", 5);
  assert.equal(stack.newest().key, "a");
});

test("an undo of somebody else's step changes nothing", () => {
  const { stack, take } = stackAt();
  take("a", 2);
  stack.remove("a", 9, 10);
  assert.equal(stack.newest().version, 2);
});

test("steps are forgotten when the server does not undo them any more", () => {
  const time = { now: 0 };
  const { stack, take } = stackAt(time);
  take("a", 2);
  time.now = 6 * MINUTE;
  take("b", 5);
  time.now = 11 * MINUTE;
  stack.remove("b", 5, 6);
  assert.equal(stack.newest(), null);
});
