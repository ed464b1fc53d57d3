// A file that is dropped anywhere on the zone, or chosen, is named before it is sent. The field
// itself takes both without this.

const form = document.querySelector("form.upload");
const field = form.querySelector("input[type=file]");
const zone = form.querySelector(".drop-zone");
const words = form.querySelector("[data-chosen]");
const button = form.querySelector("button.primary");
const idle = words.textContent;

const show = () => {
  words.textContent = field.files.length ? field.files[0].name : idle;
};

for (const kind of ["dragenter", "dragover"]) {
  zone.addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
}
for (const kind of ["dragleave", "dragend"]) {
  zone.addEventListener(kind, () => zone.classList.remove("over"));
}
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  if (!event.dataTransfer.files.length) return;
  field.files = event.dataTransfer.files;
  show();
});
field.addEventListener("change", show);
form.addEventListener("submit", () => {
  button.setAttribute("aria-busy", "true");
  button.textContent = form.dataset.waiting;
});
show();
