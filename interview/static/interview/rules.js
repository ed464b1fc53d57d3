// Rules of the domain that scripts share with the server. Python is their only home: a page's
// configuration brings them (interview/views/client_rules.py), and its script sets them first.

/** @type {ClientRules} */
export const rules = {
  waiting: [],
  ended: [],
  not_taking_place: [],
  settled_scorecards: [],
  feedback_overdue_minutes: 0,
  late_room_minutes: 0,
  shift_limit_minutes: 0,
  check_in_lead_minutes: 0,
  reason_length: 0,
};

/** @param {ClientRules} given as the page's configuration brings them */
export function setRules(given) {
  Object.assign(rules, given);
}

/** True if the interview has not started and may still take place. */
export const isWaiting = (row) => rules.waiting.includes(row.status);

/** True if nothing more happens to the interview. */
export const hasEnded = (row) => rules.ended.includes(row.status);

/** True if the interview will not take place, which frees its room. */
export const isNotTakingPlace = (row) => rules.not_taking_place.includes(row.status);

/** True if no scorecard in this state is expected any more. */
export const isSettled = (scorecard) => rules.settled_scorecards.includes(scorecard);
