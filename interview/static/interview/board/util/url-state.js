// View, day and open card, kept in the fragment of the URL, such as #list&day=2026-11-23&card=17.

export const VIEWS = ["rooms", "status", "list"];

/** View, day and card named by the fragment of a URL; null for each that it does not name. */
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

/** The URL fragment of a view, day and card. */
export function formatUrlState({ view, day, card }) {
  const parts = [view ?? VIEWS[0]];
  if (day) parts.push(`day=${day}`);
  if (card) parts.push(`card=${card.split(":")[1]}`);
  return `#${parts.join("&")}`;
}
