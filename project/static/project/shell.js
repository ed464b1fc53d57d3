// Page script of every page: dismisses the page's messages after a while, and closes menus on a
// click outside and on Escape.

import { bindPageToasts } from "./toast.js";

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (/** @type {MouseEvent & {target: any}} */ event) =>
  closeMenus(event.target.closest("details.menu")),
);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  closeMenus();
  open.querySelector("summary").focus();
  event.preventDefault(); // what the menu is in stays open
});

// On a phone the navigation scrolls sideways: show the current page's link.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest" });

bindPageToasts();
