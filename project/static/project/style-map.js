// styleMap for lit-html under a strict Content-Security-Policy. The library's own writes the
// `style` attribute on the first render, which the policy refuses; this one uses the CSSOM only.

import { Directive, directive } from "../vendor/lit-html/directive.js";
import { noChange } from "../vendor/lit-html/lit-html.js";

class StyleMap extends Directive {
  held = new Set();

  /** @param {Record<string, string | number>} _styles */
  render(_styles) {
    return noChange;
  }

  update(part, [styles]) {
    const { style } = part.element;
    for (const name of this.held) {
      if (styles[name] === undefined) style.removeProperty(name);
    }
    for (const [name, value] of Object.entries(styles)) style.setProperty(name, value);
    this.held = new Set(Object.keys(styles));
    return noChange;
  }
}

/**
 * Sets style properties, named as in CSS: `<p style=${styleMap({ left: "10%", "--c":
 * "var(--alert)" })}>`.
 */
export const styleMap = directive(StyleMap);
