// What the page asks of the server. Rows come back over the socket; an answer here only says
// whether it was done, and if not, why.

import { showToast } from "../../project/toast.js";

const csrfToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

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

  /** Why it was refused: the reasons by field, else the detail. */
  function reasonOf({ status, problem }) {
    if (status === 409) return i18n.t("failed.stale");
    const reasons = Object.values(problem.errors ?? {}).flat();
    return reasons.join(" ") || problem.detail || i18n.t("failed.unknown");
  }

  async function attempt(path, body, done) {
    try {
      const answer = await post(path, body);
      if (!answer.isDone) showToast({ text: reasonOf(answer), tone: "error" });
      else if (done) showToast({ text: done, tone: "success" });
      return answer.isDone;
    } catch {
      showToast({ text: i18n.t("failed.unreachable"), tone: "error" });
      return false;
    }
  }

  return {
    /** One step of an interview, decided on the version that is shown. */
    act: (row, action, data) =>
      attempt(
        `interviews/${row.id}/${action}/`,
        { version: row.version, ...data },
        i18n.t(`done.${action}`),
      ),

    /** These notices are read; all of them without ids. */
    read: (ids) => attempt("notices/read/", ids ? { ids } : {}, null),
  };
}
