// The CSRF token of the page's session, which every request that changes something must send in the
// header X-CSRFToken.

/** The token, or "" without a session. The cookie's name has a prefix where the site uses HTTPS. */
export function csrfToken() {
  const found =
    document.cookie.match(/(?:^|; )__Host-csrftoken=([^;]+)/) ??
    document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return found ? decodeURIComponent(found[1]) : "";
}
