// Texts about a background task: progress, speed, time left and problems.

import { pluralTranslator, translator } from "../project/translate.js";
import { isActive, timeLeft } from "./tasks-rows.js";

const TONES = { succeeded: "ok", failed: "alert" };

/** The colour of a task's end state; success with problems is a warning. */
export const toneOf = (run) =>
  run.state === "succeeded" && run.errors ? "warn" : (TONES[run.state] ?? "");

export function createTaskText({ texts, language }) {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const t = translator(texts);

  /** Such as: 6,420 / 10,000 · 2,310/s · 2 sec left. */
  function pace(run) {
    const left = timeLeft(run.eta_seconds, language);
    return [
      run.total ? `${number.format(run.done)} / ${number.format(run.total)}` : "",
      run.rate
        ? t("rate", { rate: number.format(run.rate < 10 ? run.rate : Math.round(run.rate)) })
        : "",
      left ? t("left", { time: left }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  const count = pluralTranslator(t, language);
  const problems = (run) => (run.errors ? count("problems", run.errors) : "");

  /** One line about a task. A final message already mentions the problems. */
  function summary(run) {
    const isOver = !isActive(run);
    const state = run.state === "queued" ? t("state.queued") : "";
    const how = run.state === "running" ? pace(run) : "";
    const wrong = isOver && run.message ? "" : problems(run);
    return [state, how, run.message, wrong].filter(Boolean).join(" · ");
  }

  return { t, count, pace, problems, summary };
}
