// Two lit-html directives: guard() skips the drawing of what has not changed, flashOnChange()
// highlights what has.

import { Directive, directive } from "../../../vendor/lit-html/directive.js";
import { noChange } from "../../../vendor/lit-html/lit-html.js";

class Guard extends Directive {
  held = null;

  render(values, template) {
    if (this.held?.every((value, number) => value === values[number])) return noChange;
    this.held = values;
    return template();
  }
}

/** Draws `template` again only if one of `values` has changed: a board has many cards. */
export const guard = directive(Guard);

const FLASH_MS = 1200;

class FlashOnChange extends Directive {
  version = null;

  /** @param {number} _version */
  render(_version) {
    return noChange;
  }

  update(part, [version]) {
    const isNew = this.version !== null && this.version !== version;
    this.version = version;
    if (!isNew || matchMedia("(prefers-reduced-motion: reduce)").matches) return noChange;
    const glow = "0 0 0 3px color-mix(in srgb, var(--accent) 55%, transparent)";
    part.element.animate({ boxShadow: [glow, glow, "0 0 0 0 transparent"] }, FLASH_MS);
    return noChange;
  }
}

/** On an element: highlights it for a moment when the version changes. */
export const flashOnChange = directive(FlashOnChange);
