// How hard a new password is to guess, estimated without sending it anywhere. The server decides
// by Django's validators, which also know a list of common passwords.

const COMMON = [
  "password",
  "passw0rd",
  "qwerty",
  "qwertz",
  "asdf",
  "zxcv",
  "1q2w3e",
  "abc123",
  "admin",
  "welcome",
  "letmein",
  "iloveyou",
  "woaini",
  "dragon",
  "monkey",
  "football",
  "sunshine",
  "princess",
  "secret",
  "recruit",
  "interview",
  "company",
  "summer",
  "winter",
];
/** @type {[RegExp, number][]} Kinds of characters, and how many there are of each. */
const KINDS = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[ -/:-@[-`{-~]/, 33],
  [/[^ -~]/, 2000],
];
const FAIR_BITS = 50;
const STRONG_BITS = 75;
const SHORTEST_PART = 3;

/**
 * "short", "digits" or "similar" if the server would refuse it, else "weak", "fair" or "strong";
 * "" for no password.
 * @param {string} password
 * @param {{least: number, similar: string[]}} rules  similar: names and addresses of the user
 */
export function strengthOf(password, { least, similar }) {
  if (password === "") return "";
  if (/^[0-9]+$/.test(password)) return "digits";
  if ([...password].length < least) return "short";
  if (isSimilar(password, similar)) return "similar";
  const bits = bitsOf(password);
  if (bits < FAIR_BITS) return "weak";
  return bits < STRONG_BITS ? "fair" : "strong";
}

/** Whether a name or a part of it makes up more than half of the password, or contains it. */
function isSimilar(password, similar) {
  const given = password.toLowerCase();
  const parts = similar.flatMap((one) => [one, ...one.split(/[^\p{L}\p{N}]+/u)]);
  return parts.some((one) => {
    const part = one.toLowerCase();
    const isLarge = part.length >= SHORTEST_PART && part.length * 2 > given.length;
    return isLarge && (given.includes(part) || part.includes(given));
  });
}

/** The bits of an attacker's search, if common words, repetitions and sequences cost nothing. */
function bitsOf(password) {
  let text = password;
  for (const word of COMMON) text = text.replace(new RegExp(word, "gi"), "a");
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = codes.filter((code, index) => Math.abs(code - codes[index - 1]) <= 1).length;
  const different = new Set(codes).size;
  const counted = Math.min(codes.length - steps, different * 2);
  const size = KINDS.reduce((sum, [kind, number]) => sum + (kind.test(text) ? number : 0), 0);
  return counted * Math.log2(Math.max(size, 2));
}
