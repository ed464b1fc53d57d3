// Password fields: a button that shows the text, and the strength of a new password.
import { strengthOf } from "./password-strength.js";

const LEVELS = { short: 0, digits: 0, similar: 0, weak: 1, fair: 2, strong: 3 };

for (const field of document.querySelectorAll("input[data-show]")) addToggle(field);
for (const field of document.querySelectorAll("input[data-strength]")) addMeter(field);

/** @param {HTMLInputElement} field */
function addToggle(field) {
  const row = document.createElement("div");
  row.className = "password-row";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small quiet";
  button.setAttribute("aria-controls", field.id);
  const isFocused = document.activeElement === field;
  field.replaceWith(row);
  row.append(field, button);
  // Moving a field takes the focus from it: what is typed while the page loads would be lost.
  if (isFocused) field.focus();
  const show = (isShown) => {
    field.type = isShown ? "text" : "password";
    button.textContent = (isShown ? field.dataset.hide : field.dataset.show) ?? "";
    button.setAttribute("aria-pressed", String(isShown));
  };
  show(false);
  button.addEventListener("click", () => {
    show(field.type === "password");
    field.focus();
  });
  // Browsers offer to save what is in a password field when the form is sent.
  field.form?.addEventListener("submit", () => show(false));
}

/** @param {HTMLInputElement} field */
function addMeter(field) {
  const rules = JSON.parse(field.dataset.strength ?? "{}");
  const line = document.createElement("div");
  line.className = "strength";
  line.hidden = true;
  const meter = document.createElement("meter");
  meter.max = 3;
  meter.low = 2;
  meter.high = 3;
  meter.optimum = 3;
  meter.setAttribute("aria-hidden", "true");
  const text = document.createElement("span");
  text.setAttribute("role", "status");
  line.append(meter, text);
  (field.closest(".password-row") ?? field).after(line);
  field.addEventListener("input", () => {
    const strength = strengthOf(field.value, rules);
    line.hidden = strength === "";
    meter.value = strength === "" ? 0 : LEVELS[strength];
    text.textContent = strength === "" ? "" : rules.texts[strength];
  });
}
