// Page script of the scorecard form: keeps unsaved entries from being lost. Leaving the page asks
// first. Sending first checks that the server answers and that the session is valid, because the
// error page would no longer hold the entries.

import { showToast } from "../project/toast.js";

const form = document.querySelector("form.scorecard");

if (form) bindForm(form);

function bindForm(form) {
  let isUnsaved = false;
  let isAsking = false;

  async function send(button) {
    isAsking = true;
    const problem = await findProblem();
    isAsking = false;
    const signIn = problem === "signedOut" ? "new tab" : null; // this one holds the entries
    if (problem) return showToast({ text: form.dataset[problem], tone: "error", signIn });
    isUnsaved = false;
    form.append(Object.assign(document.createElement("input"), hidden(button)));
    form.submit();
  }

  form.addEventListener("input", () => (isUnsaved = true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isAsking) send(event.submitter);
  });
  addEventListener("beforeunload", (event) => isUnsaved && event.preventDefault());
}

const hidden = ({ name, value }) => ({ type: "hidden", name, value });

/**
 * Why sending would fail: "unreachable", "signedOut" or null. Also refreshes the form's CSRF
 * token.
 */
async function findProblem() {
  try {
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" });
    if (!answer.ok) return answer.type === "opaqueredirect" ? "signedOut" : "unreachable";
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = (place) => place.querySelector("form.scorecard [name=csrfmiddlewaretoken]");
    token(document).value = token(page)?.value ?? token(document).value;
    return null;
  } catch {
    return "unreachable";
  }
}
