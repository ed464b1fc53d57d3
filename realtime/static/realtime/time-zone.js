// The time zone in which times are shown: the reader's setting, else the computer's.

/** An IANA name for Intl, or undefined for the computer's zone. */
export const timeZone = globalThis.document?.documentElement.dataset?.timeZone || undefined;

const days = new Intl.DateTimeFormat("en-CA", {
  timeZone,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

/** The reader's calendar day of a moment, as an ISO date. */
export const dayOf = (moment) => days.format(moment);
