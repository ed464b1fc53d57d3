// What a person is told when the API refuses a request.

import { fieldErrors, isSignedOut } from "../../../project/api.js";
import { showToast } from "../../../project/toast.js";

/**
 * The sentence to show for a refused request: the errors by field, else the detail, else a text
 * for the status.
 */
export function errorText(answer, t) {
  const { status, body } = answer;
  if (status === 0) return t("failed_network");
  const reasons = fieldErrors(answer);
  if (reasons) return reasons;
  if (isSignedOut(answer)) return t("failed_signed_out");
  if (status === 403) return t("failed_forbidden");
  if (status === 404) return t("failed_gone");
  return body?.detail ?? t("failed_other", { status });
}

/**
 * Shows why a request was refused. Signing in leaves the page only if nothing was typed.
 * @param {App} app
 * @param {ApiAnswer} answer
 */
export function showRefusal(app, answer) {
  const where = app.form || app.shift ? "new tab" : "here";
  const signIn = isSignedOut(answer) ? where : null;
  showToast({ text: errorText(answer, app.t), tone: "error", signIn });
}
