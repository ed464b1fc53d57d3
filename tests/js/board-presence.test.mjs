import assert from "node:assert/strict";
import test from "node:test";

import {
  initialsOn,
  unlistedCount,
  viewersOf,
} from "../../interview/static/interview/board/model/presence.js";
import { byKey } from "./cards.mjs";

const face = (user, changed = {}) => ({
  key: `presence:${user}`,
  kind: "presence",
  user,
  name: `Person ${user}`,
  initials: `P${user}`,
  watching: null,
  ...changed,
});
const crowd = (count) => ({ key: "presence:others", kind: "presence_count", count });
const seenBy = (user, rows) => ({ config: { user: { id: user } }, latest: byKey(rows) });

test("readers do not see themselves among the viewers", () => {
  const app = seenBy(1, [face(1), face(2)]);
  assert.deepEqual(
    viewersOf(app).map((one) => one.user),
    [2],
  );
  assert.equal(unlistedCount(app), 0);
});

test("the number of further viewers is not an avatar", () => {
  const app = seenBy(1, [face(1), face(2), crowd(276)]);
  assert.deepEqual(
    viewersOf(app).map((one) => one.user),
    [2],
  );
  assert.equal(unlistedCount(app), 276);
});

test("readers without a presence row are counted in the rest, but not shown to themselves", () => {
  assert.equal(unlistedCount(seenBy(99, [face(1), face(2), crowd(276)])), 275);
  assert.equal(unlistedCount(seenBy(99, [face(1), crowd(1)])), 0);
  assert.equal(unlistedCount(seenBy(99, [face(1)])), 0);
});

test("a card shows who has it open", () => {
  const app = seenBy(1, [face(2, { watching: "interview:1" }), face(3), crowd(5)]);
  assert.equal(initialsOn(app, "interview:1"), "P2");
});
