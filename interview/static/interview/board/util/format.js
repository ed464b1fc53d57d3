// Durations and lists of names, as texts in the reader's language.

/**
 * A duration, such as 6 min or 1 h 20.
 * @param {Translate} t
 * @param {number} minutes
 */
export function spanText(t, minutes) {
  const whole = Math.max(0, Math.round(minutes));
  const rest = whole % 60;
  if (whole < 60) return t("minutes", { minutes: whole });
  const hours = Math.floor(whole / 60);
  if (rest === 0 || hours > 9) return t("hours", { hours });
  return t("hours_minutes", { hours, minutes: String(rest).padStart(2, "0") });
}

/** Names joined as the reader's language does: 李娜、吴磊 or Li Na, Wu Lei. */
export function namesText(names, language) {
  return names.join(language.startsWith("zh") ? "、" : ", ");
}
