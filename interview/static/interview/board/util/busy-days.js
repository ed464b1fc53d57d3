// The nearest day with interviews, for a day that has none: asked from the server once for each day.

import { daysLater } from "./clock.js";

/**
 * The next day with interviews after this one, else the last one before it, else null; null too
 * until the server has answered, which redraws.
 * @param {App} app
 * @param {string} day
 */
export function nearestBusyDay(app, day) {
  if (!app.busyDays.has(day)) {
    app.busyDays.set(day, null);
    ask(app, day).then((found) => {
      app.busyDays.set(day, found);
      app.refresh();
    });
  }
  return app.busyDays.get(day);
}

async function ask(app, day) {
  const after = await first(app, `day_from=${daysLater(day, 1)}&ordering=starts_at`);
  return after ?? (await first(app, `day_to=${daysLater(day, -1)}&ordering=-starts_at`));
}

async function first(app, query) {
  const campaign = encodeURIComponent(app.config.campaign.slug);
  const answer = await app.api.get(`interviews/?campaign=${campaign}&page_size=1&${query}`);
  return (answer.ok && answer.body.results[0]?.day) || null;
}
