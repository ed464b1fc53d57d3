// What the page says: texts come translated from the server, `{names}` are filled in here.

/**
 * A function that says a text by its key.
 * @param {Record<string, string>} texts
 * @returns {(key: string, values?: Record<string, unknown>) => string}
 */
export function translator(texts) {
  return (key, values = {}) =>
    (texts[key] ?? key).replace(/\{([\w-]+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** A length of time in words: 6 min, 1 h 20. */
export function spanText(t, minutes) {
  const whole = Math.max(0, Math.round(minutes));
  const rest = whole % 60;
  if (whole < 60) return t("minutes", { minutes: whole });
  const hours = Math.floor(whole / 60);
  if (rest === 0 || hours > 9) return t("hours", { hours });
  return t("hours_minutes", { hours, minutes: String(rest).padStart(2, "0") });
}

/** Names in the reader's manner: 李娜、吴磊 or Li Na, Wu Lei. */
export function namesText(names, language) {
  return names.join(language.startsWith("zh") ? "、" : ", ");
}
