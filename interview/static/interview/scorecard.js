// Nothing typed is lost by a slip: leaving with unsaved entries asks first.

const form = document.querySelector("form.scorecard");

if (form) {
  let isUnsaved = false;
  form.addEventListener("input", () => (isUnsaved = true));
  form.addEventListener("submit", () => (isUnsaved = false));
  addEventListener("beforeunload", (event) => isUnsaved && event.preventDefault());
}
