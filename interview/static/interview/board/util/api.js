// Client of the REST API. Every answer is a value; a network failure does not throw, it has status
// 0.

import { csrfToken } from "../../../project/csrf.js";
import { showToast } from "../../../project/toast.js";

export const SIGNED_OUT = 401;

/**
 * Sends one request to the API.
 * @param {string} path
 * @param {RequestInit} options
 * @returns {Promise<ApiAnswer>} with status 0 if the server cannot be reached
 */
async function request(path, options) {
  try {
    const answer = await fetch(path, { credentials: "same-origin", ...options });
    const isJson = /json/.test(answer.headers.get("Content-Type") ?? "");
    return { ok: answer.ok, status: answer.status, body: isJson ? await answer.json() : null };
  } catch {
    return { ok: false, status: 0, body: null };
  }
}

export class Api {
  constructor(base) {
    this.base = base;
  }

  get(path) {
    return request(this.base + path, { headers: { Accept: "application/json" } });
  }

  post(path, data = {}) {
    return request(this.base + path, {
      method: "POST",
      headers: {
        Accept: "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": csrfToken(),
      },
      body: JSON.stringify(data),
    });
  }
}

/**
 * The sentence to show for a refused request: the errors by field, else the detail, else a text
 * for the status.
 */
export function errorText(answer, t) {
  const { status, body } = answer;
  if (status === 0) return t("failed_network");
  const reasons = Object.values(body?.errors ?? {}).flat();
  if (reasons.length) return reasons.join(" ");
  if (status === SIGNED_OUT) return t("failed_signed_out");
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
  const signIn = answer.status === SIGNED_OUT ? where : null;
  showToast({ text: errorText(answer, app.t), tone: "error", signIn });
}
