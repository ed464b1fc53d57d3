// What the shown day's list cannot know: on which other days there are interviews.

import { askOnce } from "./ask-once.js";
import { daysLater } from "./clock.js";

/**
 * The nearest day with interviews, for a day that has none: the next one, else the last one before
 * it, else null; undefined until the server has answered.
 * @param {App} app
 * @param {string} day
 */
export function nearestBusyDay(app, day) {
  return askOnce(app, "busy day", day, async () => {
    const after = await firstDay(app, `day_from=${daysLater(day, 1)}&ordering=starts_at`);
    return after ?? firstDay(app, `day_to=${daysLater(day, -1)}&ordering=-starts_at`);
  });
}

async function firstDay(app, query) {
  const campaign = encodeURIComponent(app.config.campaign.slug);
  const answer = await app.api.get(`interviews/?campaign=${campaign}&page_size=1&${query}`);
  return answer.ok ? (answer.body.results[0]?.day ?? null) : null;
}

/**
 * The day of a card that is not on the shown one; null if there is none, undefined until the server
 * has answered.
 * @param {App} app
 * @param {string} key of the card
 */
export function dayOfCard(app, key) {
  return askOnce(app, "card", key, async () => {
    const answer = await app.api.get(`interviews/${key.split(":")[1]}/`);
    const isHere = answer.ok && answer.body.campaign === app.config.campaign.slug;
    return isHere ? answer.body.day : null;
  });
}

/** Lets the next question for a card's day be asked again: the card is here now. */
export function forgetDayOfCard(app) {
  app.questions.delete("card");
}
