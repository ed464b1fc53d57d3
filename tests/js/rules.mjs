// Sets the rules of the domain as a page's script does, with the values that pages send:
// tests/unit/interview/test_client_rules.py compares both.

import { readFileSync } from "node:fs";

import { setRules } from "../../interview/static/interview/rules.js";

setRules(JSON.parse(readFileSync(new URL("../vectors/rules.json", import.meta.url), "utf8")));
