// Page script of the import form: the button shows that the file is being uploaded.

import "./file-drop.js";

const form = document.querySelector("form.upload");
const button = form.querySelector("button.primary");

form.addEventListener("submit", () => {
  button.setAttribute("aria-busy", "true");
  button.textContent = form.dataset.waiting;
});
