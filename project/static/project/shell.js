// What every page does: puts its messages away in time, and closes menus as people expect.

import { bindPageToasts } from "./toast.js";

function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  closeMenus();
  open?.querySelector("summary").focus();
});

// On a phone the links of the top bar scroll sideways: begin where the reader is.
document.querySelector(".nav [aria-current]")?.scrollIntoView({ block: "nearest" });

bindPageToasts();
