// Texts, dates and times in the reader's language and time zone.

import { translator } from "../../project/translate.js";
import { dayOf, timeZone } from "../../realtime/time-zone.js";

const MINUTE_MS = 60_000;

/** @param {{ texts: Record<string, string>, language: string }} config */
export function createI18n({ texts, language }) {
  const clock = new Intl.DateTimeFormat(language, {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const date = new Intl.DateTimeFormat(language, {
    timeZone: "UTC",
    month: "long",
    day: "numeric",
    weekday: "short",
  });
  const shortDate = new Intl.DateTimeFormat(language, { timeZone, month: "short", day: "numeric" });
  const distance = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const isChinese = language.startsWith("zh");

  const t = translator(texts);

  return {
    t,
    time: (iso) => clock.format(new Date(iso)),
    day: (isoDate) => date.format(new Date(`${isoDate}T12:00Z`)),
    shortDay: (iso) => shortDate.format(new Date(iso)),

    /** The time, with the day unless it is today. */
    moment(iso, now) {
      const moment = new Date(iso);
      const isToday = dayOf(moment) === dayOf(now);
      return isToday ? clock.format(moment) : `${shortDate.format(moment)} ${clock.format(moment)}`;
    },

    inLanguage: (thing, field) => thing[isChinese ? field : `${field}_en`],
    list: (names) => names.join(t("separator")),

    /**
     * Such as "in 10 minutes" or "2 days ago", in the largest unit of which there is at least
     * one.
     */
    away(moment, now) {
      const minutes = Math.round((moment - now) / MINUTE_MS);
      if (Math.abs(minutes) < 60) return distance.format(minutes, "minute");
      const hours = Math.round(minutes / 60);
      if (Math.abs(hours) < 24) return distance.format(hours, "hour");
      return distance.format(Math.round(hours / 24), "day");
    },
  };
}
