// Undo: steps one after the other, newest first, for as long as the server allows it.

import assert from "node:assert/strict";
import test from "node:test";
import { UndoStack } from "../../interview/static/interview/board/model/undo-stack.js";

const MINUTE = 60_000;

function stackAt(time = { now: 0 }) {
  const forgotten = [];
  const stack = new UndoStack(10, () => time.now);
  const take = (key, version, from = version - 1) => {
    const forget = () => forgotten.push([key, version]);
    stack.push({ key, id: 1, from, version, candidate: "", forget });
  };
  return { stack, take, forgotten };
}

test("steps of several cards are undone in reverse order", () => {
  const { stack, take } = stackAt();
  take("a", 2);
  take("b", 7);
  assert.equal(stack.newest().key, "b");
  stack.undone("b", 7, 8);
  assert.equal(stack.newest().key, "a");
  stack.undone("a", 2, 3);
  assert.equal(stack.newest(), null);
});

test("an earlier step of a card is undone from the version that the undo led to", () => {
  const { stack, take } = stackAt();
  take("a", 2);
  take("a", 3);
  stack.undone("a", 3, 4);
  assert.equal(stack.newest().version, 4);
  stack.undone("a", 4, 5);
  assert.equal(stack.newest(), null);
});

test("only the newest step of a card has a button, and none after it was undone", () => {
  const { stack, take, forgotten } = stackAt();
  take("a", 2);
  take("b", 5);
  assert.deepEqual(forgotten, []);
  take("a", 3);
  assert.deepEqual(forgotten, [["a", 2]]);
  stack.undone("a", 3, 4);
  assert.deepEqual(forgotten.at(-1), ["a", 3]);
});

test("a step that somebody else has taken between two of one's own is not undone", () => {
  const { stack, take, forgotten } = stackAt();
  take("b", 9);
  take("a", 2);
  take("a", 4); // version 3 is somebody else's
  stack.undone("a", 4, 5);
  assert.equal(stack.newest().key, "b");
  assert.deepEqual(forgotten.at(-1), ["a", 2]);
});

test("a step that cannot be undone any more does not stop those of other cards", () => {
  const { stack, take } = stackAt();
  take("b", 9);
  take("a", 2);
  take("a", 3);
  stack.drop("a");
  assert.equal(stack.newest().key, "b");
});

test("an undo of somebody else's step changes nothing", () => {
  const { stack, take } = stackAt();
  take("a", 2);
  stack.undone("a", 9, 10);
  assert.equal(stack.newest().version, 2);
});

test("steps are forgotten when the server does not undo them any more", () => {
  const time = { now: 0 };
  const { stack, take } = stackAt(time);
  take("a", 2);
  time.now = 6 * MINUTE;
  take("b", 5);
  time.now = 11 * MINUTE;
  stack.undone("b", 5, 6);
  assert.equal(stack.newest(), null);
});

test("a step that the server knew of ages from when it was taken", () => {
  const time = { now: 0 };
  const { stack } = stackAt(time);
  stack.push({ key: "a", id: 1, from: 1, version: 2, forget: () => {}, seconds_ago: 540 });
  time.now = MINUTE - 1;
  assert.equal(stack.newest().key, "a");
  time.now = MINUTE;
  assert.equal(stack.newest(), null);
});
