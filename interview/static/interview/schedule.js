// Page script of the scheduling form: after a change of time it asks again who and which rooms are
// free. Without this script the button "Show who is free" does the same.

const form = document.querySelector("form.schedule");
const WATCHED = new Set(["day", "start", "minutes", "round"]);
let asking = null;

form.addEventListener(
  "change",
  (/** @type {Event & {target: any}} */ event) => WATCHED.has(event.target.name) && refresh(),
);

async function refresh() {
  asking?.abort();
  asking = new AbortController();
  const shown = form.querySelector(".schedule-picks");
  shown.setAttribute("aria-busy", "true");
  const entries = new FormData(form);
  entries.set("do", "check");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: entries,
      signal: asking.signal,
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(".schedule-picks");
    if (fresh) shown.replaceWith(keepingChoices(shown, document.importNode(fresh, true)));
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError"))
      shown.removeAttribute("aria-busy");
  }
}

// Keeps what the reader chose while the request was under way.
function keepingChoices(shown, fresh) {
  for (const input of fresh.querySelectorAll("input")) {
    const same = `input[name="${input.name}"][value="${input.value}"]`;
    input.checked = shown.querySelector(same)?.checked ?? input.checked;
  }
  return fresh;
}
