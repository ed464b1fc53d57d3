// The command palette: what it offers for a query, and in which order.

import assert from "node:assert/strict";
import test from "node:test";
import { matchingCommands } from "../../interview/static/interview/board/model/commands.js";
import { card } from "./cards.mjs";

const command = (label, changed) => ({ id: label, label, detail: "", run: () => {}, ...changed });
const labels = (commands, query) => matchingCommands(commands, query).map((one) => one.label);

test("without a query actions, views and pages are offered, but no cards", () => {
  const bruce = command("李小龙", { card: card("14:00") });
  assert.deepEqual(labels([command("Check in"), bruce, command("List")], ""), ["Check in", "List"]);
});

test("a card is found by what the board's search finds, such as pinyin initials", () => {
  const found = card("14:00", { candidate: "李小龙", search: "李小龙 lixiaolong lxl 7777" });
  const commands = [command("李小龙", { card: found })];
  for (const query of ["lxl", "小龙", "7777"])
    assert.equal(labels(commands, query).length, 1, query);
  assert.deepEqual(labels(commands, "wsy"), []);
});

test("a label that begins with the query comes first, otherwise the order stays", () => {
  const commands = [
    command("Check in"),
    command("Confirm", { detail: "in time" }),
    command("Intake"),
  ];
  assert.deepEqual(labels(commands, "in"), ["Intake", "Check in", "Confirm"]);
});

test("no more than twelve are offered", () => {
  assert.equal(
    labels(
      Array.from({ length: 40 }, (_, at) => command(`Room ${at}`)),
      "room",
    ).length,
    12,
  );
});
