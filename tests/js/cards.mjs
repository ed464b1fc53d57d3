// Rows of cards and rooms as the board receives them, valid by default.

import "./rules.mjs";

let ids = 0;

/** A card of 22 November; `at` is its start in UTC, `length` in minutes. */
export function card(at = "14:00", changed = {}) {
  ids += 1;
  const { length = 60, ...rest } = changed;
  const start = Date.parse(`2026-11-22T${at}:00Z`);
  return {
    key: `interview:${ids}`,
    kind: "interview",
    version: 1,
    id: ids,
    candidate: `李${ids}`,
    search: `李${ids} li${ids} 22${ids}`,
    job: "Backend",
    round: 1,
    room: "A-301",
    room_id: 1,
    day: "2026-11-22",
    interviewers: ["吴磊"],
    assignments: [
      { id: 7, name: "吴磊", response: "pending", decline_reason: "", scorecard: "none" },
    ],
    starts_at: new Date(start).toISOString(),
    ends_at: new Date(start + length * 60_000).toISOString(),
    status: "scheduled",
    reason: "",
    arrived_at: null,
    started_at: null,
    finished_at: null,
    expected_at: null,
    flags: [],
    feedback: { due: 1, in: 0 },
    ...rest,
  };
}

export function room(id, changed = {}) {
  return {
    key: `room:${id}`,
    kind: "room",
    version: 1,
    id,
    name: `A-30${id}`,
    position: id,
    is_active: true,
    delay_minutes: 0,
    ...changed,
  };
}

export const byKey = (rows) => new Map(rows.map((row) => [row.key, row]));
