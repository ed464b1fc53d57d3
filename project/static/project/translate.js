// Texts: the server sends them translated with the page's configuration, {placeholders} are filled
// in here.

/**
 * A function that returns the text of a key, with its placeholders filled in.
 * @param {Record<string, string>} texts
 * @returns {Translate}
 */
export function translator(texts) {
  return (key, values = {}) =>
    (texts[key] ?? key).replace(/\{([\w-]+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * A function that returns the text of a key for a number, in the plural form of the language. The
 * texts are `key.one`, `key.other` and so on, with the placeholder {number}.
 * @param {Translate} t
 * @param {string} language
 */
export function pluralTranslator(t, language) {
  const rules = new Intl.PluralRules(language);
  const format = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return (/** @type {string} */ key, /** @type {number} */ number) =>
    t(`${key}.${rules.select(number)}`, { number: format.format(number) });
}
