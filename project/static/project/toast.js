// Toasts: short messages that disappear after a while, with at most one action, such as Undo. Their
// container is in base.html, so screen readers know it as a polite live region from the start. While
// a dialog is open, the container is in it, because the browser makes everything outside inert.

const SHOWN_MS = 7_000; // enough to read two lines and reach the button

const list = () => document.getElementById("toasts");

/**
 * Shows a message.
 * @param {object} toast
 * @param {string} toast.text
 * @param {"info" | "success" | "warning" | "error"} [toast.tone]
 * @param {{label: string, run: () => void} | null} [toast.action]
 * @param {"here" | "new tab" | null} [toast.signIn] where a link leads to the sign-in page
 * @returns {{removeAction: () => void}} takes its button away, when the action is done otherwise
 */
export function showToast({ text, tone = "info", action = null, signIn = null }) {
  const item = document.createElement("div");
  item.className = `toast ${tone}`;
  item.append(Object.assign(document.createElement("span"), { textContent: text }));
  const offer = action && button(action.label, "button small", action.run);
  if (offer) item.append(offer);
  if (signIn) item.append(signInLink(signIn));
  item.append(dismissButton());
  list().append(item);
  bindToast(item);
  return { removeAction: () => offer?.remove() };
}

function button(label, className, onclick) {
  return Object.assign(document.createElement("button"), {
    type: "button",
    textContent: label,
    className,
    onclick,
  });
}

function signInLink(where) {
  const { signIn, signInLabel } = list().dataset;
  const next = encodeURIComponent(location.pathname + location.search + location.hash);
  return Object.assign(document.createElement("a"), {
    textContent: signInLabel,
    className: "button small",
    href: `${signIn}?next=${next}`,
    target: where === "here" ? "" : "_blank",
  });
}

function dismissButton() {
  const cross = button("×", "button quiet small");
  cross.dataset.dismiss = "";
  cross.ariaLabel = list().dataset.dismissLabel;
  return cross;
}

// Errors stay until dismissed; no toast disappears while the pointer or the focus is on it.
function bindToast(item) {
  let timer = null;
  const remove = () => item.remove();
  const stay = () => clearTimeout(timer);
  const leave = () => {
    stay();
    if (!item.classList.contains("error")) timer = setTimeout(remove, SHOWN_MS);
  };
  item.addEventListener("pointerenter", stay);
  item.addEventListener("focusin", stay);
  item.addEventListener("pointerleave", leave);
  item.addEventListener("focusout", leave);
  item.addEventListener("click", (event) => event.target.closest("button") && remove());
  leave();
}

/**
 * Makes the messages that came with the page behave as toasts, and keeps the container where it can
 * be seen and used.
 */
export function bindPageToasts() {
  for (const item of list()?.querySelectorAll(".toast") ?? []) bindToast(item);
  const opened = { subtree: true, attributeFilter: ["open"] };
  new MutationObserver(followDialogs).observe(document.body, opened);
}

function followDialogs() {
  const top = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (list() && list().parentElement !== top) top.append(list());
}
