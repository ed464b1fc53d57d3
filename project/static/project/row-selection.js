// Selection of rows in a list with checkboxes: the checkbox in the head selects all rows of the page,
// and a label counts the selected ones. The form works without it.

/**
 * @param {HTMLFormElement} form has #all, and a [data-chosen] with the texts data-one and data-many
 * @param {string} name of the checkboxes of the rows
 */
export function bindRowSelection(form, name) {
  const all = document.getElementById("all");
  const boxes = [...form.querySelectorAll(`input[name=${name}]`)];
  const every = form.querySelector("input[name=every]"); // all rows of all pages
  const label = form.querySelector("[data-chosen]");
  const textWhenEmpty = label?.textContent;
  all.hidden = false;

  function show() {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    if (!label) return;
    const { one, many } = label.dataset;
    if (count === 0) label.textContent = textWhenEmpty;
    else label.textContent = count === 1 ? one : many.replace("{count}", count);
    label.hidden = every?.checked ?? false;
  }

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  for (const box of [...boxes, every]) box?.addEventListener("change", show);
  show();
}
