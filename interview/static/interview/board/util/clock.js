// Times in the campaign's time zone, whatever the reader's zone is. Days are ISO dates, minutes
// count from midnight. Intl is slow, so results are cached.

const MAX_CACHED = 20_000; // the wall screen runs for weeks
const DAY_MS = 86_400_000;

const two = (number) => String(number).padStart(2, "0");

export class Clock {
  constructor(timeZone, language) {
    this.language = language;
    this.cache = new Map();
    /** @type {Intl.DateTimeFormatOptions} */
    const numeric = { year: "numeric", month: "2-digit", day: "2-digit" };
    /** @type {Intl.DateTimeFormatOptions} */
    const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    this.format = new Intl.DateTimeFormat("en-CA", { timeZone, ...numeric, ...time });
    this.dayFormat = new Intl.DateTimeFormat(language, {
      weekday: "short",
      day: "numeric",
      month: "short",
      timeZone: "UTC",
    });
  }

  /** Day and minute of the day of a moment, given as ISO text or as a Date. */
  read(moment) {
    if (moment instanceof Date) return this.parse(moment);
    let found = this.cache.get(moment);
    if (found) return found;
    if (this.cache.size >= MAX_CACHED) this.cache.clear();
    found = this.parse(new Date(moment));
    this.cache.set(moment, found);
    return found;
  }

  parse(date) {
    const parts = {};
    for (const { type, value } of this.format.formatToParts(date)) parts[type] = value;
    const minute = Number(parts.hour) * 60 + Number(parts.minute);
    return { day: `${parts.year}-${parts.month}-${parts.day}`, minute };
  }

  day(moment) {
    return this.read(moment).day;
  }

  /** Minutes since midnight of `day`: more than 1440 for a moment after that day. */
  minuteOn(day, moment) {
    const read = this.read(moment);
    return read.minute + ((Date.parse(read.day) - Date.parse(day)) / DAY_MS) * 1440;
  }

  /** Such as 14:05. */
  time(moment) {
    return timeOf(this.read(moment).minute);
  }

  /** Such as Sun 22 Nov. */
  dayText(day) {
    return this.dayFormat.format(new Date(day));
  }

  /** ISO text of a wall-clock time in this zone. */
  moment(day, minute) {
    const wanted = Date.parse(day) + minute * 60_000;
    const read = this.parse(new Date(wanted));
    const shown = Date.parse(read.day) + read.minute * 60_000;
    return new Date(2 * wanted - shown).toISOString();
  }
}

/** Minute 845 as 14:05. */
export function timeOf(minute) {
  const within = ((minute % 1440) + 1440) % 1440;
  return `${two(Math.floor(within / 60))}:${two(Math.floor(within % 60))}`;
}

/** 14:05 as minute 845. */
export function minuteOf(time) {
  const [hours, minutes] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** The day `count` days later. */
export function daysLater(day, count) {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}
