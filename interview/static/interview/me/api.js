// API calls of the interviewer's page. Changed rows arrive over the socket; an answer only says
// whether the call succeeded and, if not, why.

import { Api, fieldErrors, isSignedOut } from "../../project/api.js";
import { showToast } from "../../project/toast.js";

const STALE = 409;

export function openApi({ api }, i18n) {
  const client = new Api(api);

  /** The sentence to show for a refused request: the errors by field, else the detail. */
  function reasonOf(answer) {
    const { status, body } = answer;
    if (status === 0) return i18n.t("failed.unreachable");
    if (isSignedOut(answer)) return i18n.t("failed.signed_out");
    if (status === STALE) return i18n.t("failed.stale");
    return fieldErrors(answer) || body?.detail || i18n.t("failed.unknown");
  }

  async function attempt(path, body, done) {
    const answer = await client.post(path, body);
    const signIn = isSignedOut(answer) ? "here" : null;
    if (!answer.ok) showToast({ text: reasonOf(answer), tone: "error", signIn });
    else if (done) showToast({ text: done, tone: "success" });
    return answer.ok;
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
