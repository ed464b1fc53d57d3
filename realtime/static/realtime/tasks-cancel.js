// Asks the server to cancel a background task.

import { showToast } from "../project/toast.js";

/**
 * Asks to cancel a task and shows the result of the request; the row shows when the task has
 * stopped.
 * @param {{id: string}} run
 * @param {Translate} t texts of "stopping" and "failed"
 */
export async function cancelRun(run, say) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  const headers = { "X-CSRFToken": token, Accept: "application/json" };
  try {
    const answer = await fetch(`/api/v1/tasks/${run.id}/cancel/`, { method: "POST", headers });
    const problem = answer.ok ? null : await answer.json().catch(() => ({}));
    const reasons = Object.values(problem?.errors ?? {})
      .flat()
      .join(" ");
    if (answer.ok) showToast({ text: say("stopping") });
    else showToast({ text: reasons || problem.detail || say("failed"), tone: "error" });
  } catch {
    showToast({ text: say("failed"), tone: "error" });
  }
}
