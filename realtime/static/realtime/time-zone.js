// On whose clock times are told: the zone that the reader has chosen, else his computer's.

/** An IANA name for Intl; undefined leaves the choice to the computer. */
export const timeZone = globalThis.document?.documentElement.dataset?.timeZone || undefined;

const days = new Intl.DateTimeFormat("en-CA", {
  timeZone,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

/** Calendar day of a moment for the reader, as an ISO date. */
export const dayOf = (moment) => days.format(moment);
