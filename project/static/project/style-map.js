// styleMap for lit-html under a strict Content-Security-Policy. The library's own writes the
// `style` attribute on the first render, which the policy refuses; this one uses the CSSOM only.

import { Directive, directive } from "../vendor/lit-html/directive.js";
import { noChange } from "../vendor/lit-html/lit-html.js";

class StyleMap extends Directive {
  text = "";

  /** @param {Record<string, string | number>} _styles */
  render(_styles) {
    return noChange;
  }

  update(part, [styles]) {
    let text = "";
    for (const name in styles) text += `${name}:${styles[name]};`;
    if (text !== this.text) part.element.style.cssText = this.text = text; // once, not once for each
    return noChange;
  }
}

/**
 * Sets style properties, named as in CSS: `<p style=${styleMap({ left: "10%", "--c":
 * "var(--alert)" })}>`.
 */
export const styleMap = directive(StyleMap);
