import assert from "node:assert/strict";
import { test } from "node:test";
import { strengthOf } from "../../project/static/project/password-strength.js";

const RULES = { least: 12, similar: ["lin", "林", "岚", "lan.lin@company.example"] };

const EXAMPLES = [
  ["", ""],
  ["short", "short"],
  ["abcdefghijk", "short"],
  ["187346529046", "digits"],
  ["lan.lin@company.e", "similar"],
  ["password1234", "weak"],
  ["aaaaaaaaaaaaaaaa", "weak"],
  ["abcdefghijklmnop", "weak"],
  ["Qwerty123456!", "weak"],
  ["recruit-demo", "weak"],
  ["correct horse", "fair"],
  ["a-long-way-to-tipperary", "strong"],
  ["七天之后我们在杭州西湖边见面", "strong"],
  ["T7#kq!vR2@pz", "strong"],
];

for (const [password, expected] of EXAMPLES) {
  test(`the strength of "${password}" is "${expected}"`, () => {
    assert.equal(strengthOf(password, RULES), expected);
  });
}
