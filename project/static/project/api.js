// Client of the REST API. Every answer is a value; a network failure does not throw, it has status
// 0.

const SIGNED_OUT = 401;

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

/** True if the session has ended. */
export const isSignedOut = ({ status }) => status === SIGNED_OUT;

/** The errors of all fields of a refused request, or "". */
export const fieldErrors = ({ body }) =>
  Object.values(body?.errors ?? {})
    .flat()
    .join(" ");

/**
 * The CSRF token of the page's session, or "" without one: a request that changes something must
 * send it in the header X-CSRFToken. The cookie's name has a prefix where the site uses HTTPS.
 */
export function csrfToken() {
  const found =
    document.cookie.match(/(?:^|; )__Host-csrftoken=([^;]+)/) ??
    document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
}
