// Asks the server to cancel a background task.

import { csrfToken } from "../project/csrf.js";
import { showToast } from "../project/toast.js";

const SIGNED_OUT = 401;

/**
 * Asks to cancel a task and shows the result of the request; the row shows when the task has
 * stopped.
 * @param {{id: string}} run
 * @param {Translate} t texts of "stopping", "signed_out" and "failed"
 */
export async function cancelRun(run, t) {
  const headers = { "X-CSRFToken": csrfToken(), Accept: "application/json" };
  try {
    const answer = await fetch(`/api/v1/tasks/${run.id}/cancel/`, { method: "POST", headers });
    const problem = answer.ok ? null : await answer.json().catch(() => ({}));
    const reasons = Object.values(problem?.errors ?? {})
      .flat()
      .join(" ");
    if (answer.ok) showToast({ text: t("stopping") });
    else if (answer.status === SIGNED_OUT)
      showToast({ text: t("signed_out"), tone: "error", signIn: "here" });
    else showToast({ text: reasons || problem.detail || t("failed"), tone: "error" });
  } catch {
    showToast({ text: t("failed"), tone: "error" });
  }
}
