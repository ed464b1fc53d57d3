// Notices an e-mail domain that is probably mistyped, and says so below the field: a hint, never a
// refusal. The rule is the one of jobs/candidates/email_hints.py, with the lists that the page sends.

export function likelySlip(address, { providers, endings, shortestName }) {
  const domain = domainOf(address);
  if (!domain || providers.includes(domain)) return null;
  const meant = providers.find(
    (one) =>
      (nameOf(one).length >= shortestName || nameOf(one) === nameOf(domain)) &&
      isOneSlipAway(domain, one),
  );
  if (meant) return { typed: domain, meant };
  const ending = domain.slice(domain.lastIndexOf(".") + 1);
  return Object.hasOwn(endings, ending)
    ? { typed: `.${ending}`, meant: `.${endings[ending]}` }
    : null;
}

// The server removes punctuation behind an address too.
function domainOf(address) {
  const plain = address
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll("。", ".")
    .replace(/[\s\p{P}\p{S}]+$/u, "");
  return plain.includes("@") ? plain.slice(plain.lastIndexOf("@") + 1) : "";
}

const nameOf = (domain) => domain.split(".", 1)[0];

function isOneSlipAway(typed, meant) {
  if (Math.abs(typed.length - meant.length) > 1) return false;
  let start = 0;
  while (start < meant.length && typed[start] === meant[start]) start += 1;
  const [left, right] = [typed.slice(start), meant.slice(start)];
  return (
    left.slice(1) === right.slice(1) ||
    left.slice(1) === right ||
    left === right.slice(1) ||
    (left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2))
  );
}

export function bindEmailHint(input, rules) {
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.setAttribute("role", "status");
  input.after(hint);
  input.addEventListener("change", () => {
    const slip = likelySlip(input.value, rules);
    hint.textContent = slip
      ? rules.question.replace("{typed}", slip.typed).replace("{meant}", slip.meant)
      : "";
  });
}
