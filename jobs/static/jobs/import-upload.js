// The button says that the file is on its way.

import "./file-drop.js";

const form = document.querySelector("form.upload");
const button = form.querySelector("button.primary");

form.addEventListener("submit", () => {
  button.setAttribute("aria-busy", "true");
  button.textContent = form.dataset.waiting;
});
