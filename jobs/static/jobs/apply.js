// Page script of the application form: shows the progress of the upload, and keeps the chosen file
// when the server finds errors. Without this script the form is sent as usual.

import { bindEmailHint } from "./email-hint.js";
import "./file-drop.js";

const form = document.querySelector("form.apply");
const field = form.querySelector("input[type=file]");
const button = form.querySelector("button.primary");
const progress = form.querySelector(".upload-progress");
const alert = document.getElementById("apply-alert");
const idle = button.textContent;

function complain(text) {
  alert.querySelector("p").textContent = text;
  alert.hidden = false;
}

function showReasons(reasons) {
  for (const box of form.querySelectorAll("[data-field]")) {
    box.querySelector(".errorlist")?.remove();
    const input = box.querySelector("input, select");
    input.removeAttribute("aria-invalid");
    const said = reasons[box.dataset.field];
    if (!said) continue;
    const list = document.createElement("ul");
    list.className = "errorlist";
    list.id = `id_${box.dataset.field}_error`;
    list.append(
      ...said.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
    );
    box.append(list);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", list.id);
  }
  form.querySelector("[aria-invalid]")?.focus();
}

function isTooLarge() {
  return field.files.length > 0 && field.files[0].size > Number(field.dataset.most);
}

function sending(isSending) {
  button.disabled = isSending;
  button.textContent = isSending ? button.dataset.sending : idle;
  progress.hidden = !isSending || field.files.length === 0;
}

function answered(request) {
  if (request.status === 200) {
    location.assign(request.response.url);
    return;
  }
  sending(false);
  if (request.status === 422) {
    complain(request.response.errors.form?.join(" ") ?? alert.dataset.reasons);
    showReasons(request.response.errors);
  } else if (request.status === 404) {
    location.reload();
  } else if (request.status === 429) {
    complain(request.response.detail);
    alert.focus();
  } else {
    complain(alert.dataset.failed);
    alert.focus();
  }
}

function send() {
  const request = new XMLHttpRequest(); // fetch does not report upload progress
  request.open("POST", location.href);
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    const share = total ? Math.round((loaded / total) * 100) : 0;
    progress.querySelector("progress").value = share;
    progress.querySelector("[data-share]").textContent = `${share} %`;
  });
  request.addEventListener("load", () => answered(request));
  request.addEventListener("error", () => answered(request));
  request.send(new FormData(form));
  sending(true);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (isTooLarge()) showReasons({ resume: [alert.dataset.size] });
  else send();
});
field.addEventListener("change", () =>
  showReasons(isTooLarge() ? { resume: [alert.dataset.size] } : {}),
);
bindEmailHint(
  form.querySelector("#id_email"),
  JSON.parse(document.getElementById("email-rules").textContent),
);
// After the browser's Back button the form is shown as it was left, and must be usable.
window.addEventListener("pageshow", () => sending(false));
