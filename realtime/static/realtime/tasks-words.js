// What is said of a run: how far, how fast, how long, with how many problems.

import { timeLeft } from "./tasks-rows.js";

export function openWords({ texts, language }) {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const plural = new Intl.PluralRules(language);
  const say = (key, values = {}) =>
    (texts[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

  /** 6,420 / 10,000 · 2,310/s · 2 sec left */
  function pace(run) {
    const left = timeLeft(run.eta_seconds, language);
    return [
      run.total ? `${number.format(run.done)} / ${number.format(run.total)}` : "",
      run.rate ? say("rate", { rate: number.format(run.rate < 10 ? run.rate : Math.round(run.rate)) }) : "",
      left ? say("left", { time: left }) : "",
    ].filter(Boolean).join(" · ");
  }

  const problems = (run) =>
    run.errors ? say(`problems.${plural.select(run.errors)}`, { number: number.format(run.errors) }) : "";

  return { say, pace, problems };
}
