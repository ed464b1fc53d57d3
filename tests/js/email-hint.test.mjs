// tests/unit/jobs/test_email_hints.py runs the same examples against the server's code.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { likelySlip } from "../../jobs/static/jobs/email-hint.js";

const path = new URL("../vectors/email_slips.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8"));

for (const { address, typed, meant } of vectors.cases) {
  test(`${address} is ${meant ? `a slip of ${meant}` : "right"}`, () => {
    const expected = meant ? { typed, meant } : null;
    assert.deepEqual(likelySlip(address, vectors.rules), expected);
  });
}

test("punctuation behind the address is not a part of its domain", () => {
  assert.equal(likelySlip("bruce@qq.con。", vectors.rules).meant, "qq.com");
  assert.equal(likelySlip("bruce@qq.com。", vectors.rules), null);
});
