// Where one is on the board, kept in the address: #list&day=2026-11-23&card=17

export const VIEWS = ["rooms", "status", "list"];

/** The place an address names; what it does not name is null. */
export function parseUrlState(hash) {
  const [first, ...rest] = hash.replace(/^#/, "").split("&");
  const named = new URLSearchParams(rest.join("&"));
  const day = named.get("day");
  return {
    view: VIEWS.includes(first) ? first : null,
    day: /^\d{4}-\d{2}-\d{2}$/.test(day ?? "") && !Number.isNaN(Date.parse(day)) ? day : null,
    card: /^\d+$/.test(named.get("card") ?? "") ? `interview:${named.get("card")}` : null,
  };
}

/** The address of a place. */
export function formatUrlState({ view, day, card }) {
  const parts = [view ?? VIEWS[0]];
  if (day) parts.push(`day=${day}`);
  if (card) parts.push(`card=${card.split(":")[1]}`);
  return `#${parts.join("&")}`;
}
