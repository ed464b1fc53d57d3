// Page script of a running import: shows its progress, and reloads the page when the import has
// ended.

import { followTasks } from "../realtime/tasks-live.js";
import { isActive } from "../realtime/tasks-rows.js";

const config = JSON.parse(document.getElementById("import-config").textContent);
const card = document.getElementById("progress");
const bar = card.querySelector("progress");
const message = card.querySelector("[data-message]");
const count = card.querySelector("[data-count]");
const numbers = new Intl.NumberFormat(document.documentElement.lang);

followTasks((board, latest) => {
  const durable = board.rows.get(config.key);
  if (!durable) return;
  if (!isActive(durable)) {
    location.reload();
    return;
  }
  const row = latest.get(config.key) ?? durable;
  message.textContent = row.message || config.waiting;
  // The number of rows is unknown until a worker has counted them.
  const parts = row.total ? [row.done, row.total] : [row.done];
  count.textContent = parts.map((part) => numbers.format(part)).join(" / ");
  if (row.total) {
    bar.max = row.total;
    bar.value = row.done;
  }
});
