// How names and searches for them are compared; the same rule as jobs/candidates/names.py. Both
// have the examples of tests/vectors/name_search.json.

const INVISIBLE = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;
const APOSTROPHES = /['’‘ʼ`´＇]/g;
const ACCENTS = /[\u0300-\u036f]/g; // of letters; marks of other scripts are vowels
const SEPARATORS = /[\s·・•‧∙⋅･ㆍ᛫.．。,，、\-‐‑‒–—−－_]+/g;
const UNDECOMPOSED = { ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", æ: "ae", œ: "oe", ı: "i", ß: "ss" };
const NUMBER = /^[\d\s+().\-‐‑‒–—−]+$/;

/** In lower case, without accents, with a blank for each dot or dash between the parts. */
export function foldName(text) {
  return text
    .replace(APOSTROPHES, "")
    .replace(INVISIBLE, "")
    .normalize("NFKD")
    .replace(ACCENTS, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[øłđðþæœıß]/g, (letter) => UNDECOMPOSED[letter])
    .replace(SEPARATORS, " ")
    .trim();
}

/**
 * The last digits of a search for a mobile number in any notation, four at most, because cards have
 * no more; "" for other texts.
 */
export function numberEnd(text) {
  const number = text.normalize("NFKC").trim();
  const digits = number.replace(/\D/g, "");
  return digits.length >= 3 && NUMBER.test(number) ? digits.slice(-4) : "";
}
