// Choosing a city or kind searches at once; without a script the button does it.

const form = document.querySelector("form.filters");

form.addEventListener("change", (event) => {
  if (event.target.matches("select")) form.requestSubmit();
});

// An empty filter says nothing: keep it out of the address.
form.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) {
    if (value === "") formData.delete(name);
  }
});
