// How the board compares names and numbers, with the examples that Python runs too.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import {
  emptyFilter,
  matchingCards,
} from "../../interview/static/interview/board/model/filters.js";
import { foldName, numberEnd } from "../../interview/static/interview/board/model/name-search.js";
import { card } from "./cards.mjs";

const path = new URL("../vectors/name_search.json", import.meta.url);

for (const { text, folded } of JSON.parse(readFileSync(path, "utf8"))) {
  test(`"${text}" is compared as "${folded}"`, () => assert.equal(foldName(text), folded));
}

test("a number is found in any notation, by its last digits", () => {
  for (const text of ["+86 181-0000-7777", "(181) 0000 7777", "１８１００００７７７７", "7777"]) {
    assert.equal(numberEnd(text), "7777", text);
  }
  assert.equal(numberEnd("777"), "777");
  for (const text of ["77", "A-301", "lxl 7777", "", "---"])
    assert.equal(numberEnd(text), "", text);
});

test("the board finds names without accents, in either order, with any dot, and numbers", () => {
  const geza = card("14:00", {
    candidate: "Géza Gárdonyi",
    search: "géza gárdonyi gezagardonyi gg 7777",
  });
  const ali = card("15:00", { candidate: "买买提·艾力", search: "买买提·艾力 maimaitiaili mmtal" });
  const found = (query) => matchingCards([geza, ali], { ...emptyFilter, query });
  for (const query of ["gardonyi", "Gárdonyi Géza", "GARDONYI, geza", "+86 181-0000-7777"]) {
    assert.deepEqual(found(query), [geza], query);
  }
  for (const query of ["买买提•艾力", "艾力 买买提", "买买提艾力"]) {
    assert.deepEqual(found(query), [ali], query);
  }
  assert.deepEqual(found("·"), []);
});
