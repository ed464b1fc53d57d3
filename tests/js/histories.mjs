// Applies the frames of recorded histories as the browser does: reads JSON and writes the resulting
// boards. Called by tests/contract/test_javascript_agrees.py.

import { readFileSync } from "node:fs";

import { apply, emptyBoard } from "../../realtime/static/realtime/stream.js";

const histories = JSON.parse(readFileSync(0, "utf-8"));
const boards = histories.map((frames) =>
  frames.map((text) => JSON.parse(text)).reduce(apply, emptyBoard),
);
const written = boards.map(({ epoch, position, rows, stale }) => ({
  epoch,
  position,
  rows: [...rows.values()],
  stale,
}));
process.stdout.write(JSON.stringify(written));
