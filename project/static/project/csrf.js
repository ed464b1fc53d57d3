// The CSRF token of the page's session, which every request that changes something must send in the
// header X-CSRFToken.

/** The token, or "" without a session. */
export function csrfToken() {
  const found = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
}
