// Says aloud what changes, for those who do not see it: politely, at most one sentence a second.

const PAUSE_MS = 1000;

/** @param {HTMLElement} element a polite live region */
export class Announcer {
  constructor(element) {
    this.element = element;
    this.seen = null; // key → status, as last heard
    this.waiting = null;
    this.timer = null;
  }

  /** Compare the cards of the day with what was there before. */
  hear(app, viewModel) {
    const now = new Map(viewModel.cards.map((card) => [card.key, card.status]));
    const before = this.seen;
    const isSameDay = this.day === viewModel.day;
    Object.assign(this, { seen: now, day: viewModel.day });
    if (!before || !isSameDay) return;
    const changed = viewModel.cards.filter(
      (card) => before.has(card.key) && before.get(card.key) !== card.status,
    );
    if (changed.length === 0) return;
    this.waiting = changed
      .map((card) => `${card.candidate}: ${app.config.statuses[card.status]}`)
      .join(". ");
    this.timer ??= setTimeout(() => this.say(), PAUSE_MS);
  }

  t() {
    this.timer = null;
    this.element.textContent = this.waiting;
  }
}
