// Page script of a bulk plan: line links and buttons change the page in place, and a running task
// is followed. Without this script each of them loads a page.

import { csrfToken } from "../project/api.js";
import { showToast } from "../project/toast.js";
import { openLive } from "../realtime/live.js";
import { isActive } from "../realtime/tasks-rows.js";

const main = document.querySelector("main");

main.addEventListener(
  "submit",
  (/** @type {SubmitEvent & {target: any, submitter: any}} */ event) => {
    const { submitter, target } = event;
    const address = submitter?.formAction ?? target.action;
    if (!/\/lines\/\d+\/$/.test(new URL(address).pathname)) return; // forms that start a task load a page
    event.preventDefault();
    show(address, { method: "POST", body: new FormData(target, submitter) });
  },
);

main.addEventListener("click", (/** @type {MouseEvent & {target: any}} */ event) => {
  const link = event.target.closest("a[href*='?line=']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href);
});

// Replaces the content of the page with that of the answer and keeps the scroll position.
/** @param {string} address @param {RequestInit} [asked] */
async function show(address, asked) {
  main.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, asked);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("main");
    if (!fresh) throw new Error(`HTTP ${answer.status}`);
    const top = window.scrollY;
    main.replaceChildren(...document.importNode(fresh, true).childNodes);
    window.scrollTo({ top });
    focusOn(new URL(answer.url).hash || new URL(address).hash);
    for (const toast of page.querySelectorAll("#toasts .toast")) {
      showToast({ text: toast.querySelector("span").textContent, tone: toast.classList[1] });
    }
  } catch {
    location.assign(address.replace(/lines\/\d+\/.*$/, ""));
  } finally {
    main.removeAttribute("aria-busy");
  }
}

// Focuses the first field of the opened line, else its first button.
function focusOn(hash) {
  const row = hash && main.querySelector(hash);
  const opened = main.querySelector(".adjust input:not([type=hidden])");
  (opened ?? row?.querySelector("a, button"))?.focus({ preventScroll: !opened });
}

const configElement = document.getElementById("bulk-config");
if (configElement) follow(JSON.parse(configElement.textContent));

function follow(config) {
  const card = document.getElementById("progress");
  const [bar, message, count, stop] = [
    "progress",
    "[data-message]",
    "[data-count]",
    "[data-cancel]",
  ].map((name) => card.querySelector(name));
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  stop.hidden = false;
  stop.addEventListener("click", () => cancel(config, stop));
  const live = openLive({
    socket: config.socket,
    onBoard(board, latest) {
      const durable = board.rows.get(config.key);
      const row = durable && !isActive(durable) ? durable : (latest.get(config.key) ?? durable);
      if (!row) return;
      if (!isActive(row)) {
        live.close();
        location.reload();
        return;
      }
      bar.max = row.total || 1;
      bar.value = Math.max(bar.value, row.done);
      message.textContent = row.message || (row.state === "queued" ? config.waiting : "");
      count.textContent = `${numbers.format(bar.value)} / ${numbers.format(row.total)}`;
    },
  });
}

async function cancel(config, button) {
  button.disabled = true;
  const answer = await fetch(config.cancel, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken() },
  });
  if (!answer.ok) button.disabled = false;
}
