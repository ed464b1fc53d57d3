// Choosing several candidates: counts them, and the box in the head chooses all of the page.
// The form works without this.

const form = document.getElementById("apply");
if (form) {
  const all = document.getElementById("all");
  const boxes = [...form.querySelectorAll("input[name=candidates]")];
  const label = form.querySelector("[data-chosen]");
  const idle = label?.textContent;
  all.hidden = false;

  const show = () => {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    if (!label) return;
    const { one, many } = label.dataset;
    label.textContent = count === 0 ? idle : count === 1 ? one : many.replace("{count}", count);
  };

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}
