// Page script of the job list: a changed filter searches at once. Without this script the button
// does.

const form = document.querySelector("form.filters");

form.addEventListener("change", (/** @type {Event & {target: any}} */ event) => {
  if (event.target.matches("select")) form.requestSubmit();
});

// Keeps empty filters out of the URL.
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) {
    if (value === "") formData.delete(name);
  }
});
