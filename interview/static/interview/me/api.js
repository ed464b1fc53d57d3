// API calls of the interviewer's page. Changed rows arrive over the socket; an answer only says
// whether the call succeeded and, if not, why.

import { csrfToken } from "../../project/csrf.js";
import { showToast } from "../../project/toast.js";

const SIGNED_OUT = 401;

export function openApi({ api }, i18n) {
  async function post(path, body) {
    const answer = await fetch(api + path, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": csrfToken(),
      },
      body: JSON.stringify(body),
    });
    const problem = answer.ok ? null : await answer.json().catch(() => ({}));
    return { isDone: answer.ok, status: answer.status, problem };
  }

  /** The sentence to show for a refused request: the errors by field, else the detail. */
  function reasonOf({ status, problem }) {
    if (status === SIGNED_OUT) return i18n.t("failed.signed_out");
    if (status === 409) return i18n.t("failed.stale");
    const reasons = Object.values(problem.errors ?? {}).flat();
    return reasons.join(" ") || problem.detail || i18n.t("failed.unknown");
  }

  async function attempt(path, body, done) {
    try {
      const answer = await post(path, body);
      const signIn = answer.status === SIGNED_OUT ? "here" : null;
      if (!answer.isDone) showToast({ text: reasonOf(answer), tone: "error", signIn });
      else if (done) showToast({ text: done, tone: "success" });
      return answer.isDone;
    } catch {
      showToast({ text: i18n.t("failed.unreachable"), tone: "error" });
      return false;
    }
  }

  return {
    /** Takes an action on an interview, decided on the version that is shown. */
    act: (row, action, data) =>
      attempt(
        `interviews/${row.id}/${action}/`,
        { version: row.version, ...data },
        i18n.t(`done.${action}`),
      ),

    /** Marks these notices as read, or all notices without ids. */
    read: (ids) => attempt("notices/read/", ids ? { ids } : {}, null),
  };
}
