// Asks the server to cancel a background task.

import { Api, fieldErrors, isSignedOut } from "../project/api.js";
import { showToast } from "../project/toast.js";

const api = new Api("/api/v1/");

/**
 * Asks to cancel a task and shows the result of the request; the row shows when the task has
 * stopped.
 * @param {{id: string}} run
 * @param {Translate} t texts of "stopping", "signed_out" and "failed"
 */
export async function cancelRun(run, t) {
  const answer = await api.post(`tasks/${run.id}/cancel/`);
  if (answer.ok) showToast({ text: t("stopping") });
  else if (isSignedOut(answer)) showToast({ text: t("signed_out"), tone: "error", signIn: "here" });
  else {
    const text = fieldErrors(answer) || answer.body?.detail || t("failed");
    showToast({ text, tone: "error" });
  }
}
