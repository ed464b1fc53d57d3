// The list of keyboard shortcuts, in a dialog.

import { html } from "../../../vendor/lit-html/lit-html.js";

/** @type {[string[], string][]} */
const KEYS = [
  [["Ctrl", "k"], "key_palette"],
  [["/"], "key_search"],
  [["←", "→", "↑", "↓"], "key_arrows"],
  [["Enter"], "key_enter"],
  [["c"], "key_check-in"],
  [["s"], "key_start"],
  [["f"], "key_finish"],
  [["z"], "key_undo"],
  [["1", "2", "3"], "key_views"],
  [["t"], "key_today"],
  [["[", "]"], "key_days"],
  [["Esc"], "key_escape"],
  [["?"], "key_help"],
];

export function helpView({ t, closeHelp }) {
  return html`<div class="ask">
    <header class="ask-head"><h2 id="help-title">${t("help")}</h2>
      <button class="button quiet" aria-label=${t("close")} @click=${closeHelp}>×</button></header>
    <dl class="keys">
      ${KEYS.map(
        ([keys, text]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt>
          <dd>${t(text)}</dd>`,
      )}
    </dl>
  </div>`;
}
