// File field with a drop zone: shows the name of the chosen file, and accepts a file dropped
// anywhere on the zone.

const zone = document.querySelector(".drop-zone");
const field = zone.querySelector("input[type=file]");
const label = zone.querySelector("[data-chosen]");
const emptyText = label.textContent;

const show = () => {
  label.textContent = field.files.length ? field.files[0].name : emptyText;
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
  field.dispatchEvent(new Event("change", { bubbles: true }));
});
field.addEventListener("change", show);
show();
