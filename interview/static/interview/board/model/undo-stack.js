// The steps that a person has taken and may still undo, the newest last. The page begins with those
// that the server knows of; steps taken on this page follow.

/**
 * @typedef {object} Step
 * @property {string} key of the card
 * @property {number} id of the interview
 * @property {number} from version of the interview on which the step was taken
 * @property {number} version that it led to
 * @property {string} candidate
 * @property {() => void} forget removes the Undo button of its message
 * @property {number} [seconds_ago] when it was taken; default: now
 */

export class UndoStack {
  /**
   * @param {number} minutes for which a step may be undone
   * @param {() => number} now milliseconds
   */
  constructor(minutes, now) {
    this.keptMs = minutes * 60_000;
    this.now = now;
    this.steps = [];
  }

  /**
   * Adds a step. Only the newest of a card keeps its button, because steps are undone in order.
   * @param {Step} step
   */
  push(step) {
    for (const earlier of this.steps) if (earlier.key === step.key) earlier.forget();
    this.steps.push({ ...step, at: this.now() - (step.seconds_ago ?? 0) * 1000 });
  }

  /** The newest step that is not too old, or null. */
  newest() {
    this.steps = this.steps.filter((step) => this.now() - step.at < this.keptMs);
    return this.steps.at(-1) ?? null;
  }

  /**
   * Removes the step that led to this version of a card: it was undone, which led to the version
   * `next`. The card's step before can be undone from there, unless somebody has taken one between.
   */
  undone(key, version, next) {
    const removed = this.steps.find((step) => step.key === key && step.version === version);
    if (!removed) return;
    removed.forget();
    this.steps = this.steps.filter((step) => step !== removed);
    const earlier = this.steps.findLast((step) => step.key === key);
    if (earlier?.version === removed.from) earlier.version = next;
    else this.drop(key);
  }

  /** Removes the steps of a card, which cannot be undone any more. */
  drop(key) {
    for (const step of this.steps) if (step.key === key) step.forget();
    this.steps = this.steps.filter((step) => step.key !== key);
  }
}
