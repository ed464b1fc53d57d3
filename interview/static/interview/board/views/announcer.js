// Announces changes of status to screen readers in a polite live region, at most once a second.

const INTERVAL_MS = 1000;

/** @param {HTMLElement} element a polite live region */
export class Announcer {
  constructor(element) {
    this.element = element;
    this.day = null;
    this.seen = null; // key → status at the last call
    this.waiting = null;
    this.timer = null;
  }

  /** Announces the cards of the day whose status has changed since the last call. */
  update(app, viewModel) {
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
    this.timer ??= setTimeout(() => this.announce(), INTERVAL_MS);
  }

  announce() {
    this.timer = null;
    this.element.textContent = this.waiting;
  }
}
