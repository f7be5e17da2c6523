/**
 * Announce: tells a screen reader what changed without a page being loaded.
 *
 * Takes  a sentence.   Gives  it to a polite live region.
 */

import { element } from "./elements.js";

let region = null;

/** Says it once. */
export function announce(sentence) {
  if (!region) {
    region = element("p", { class: "player-announcer", role: "status", "aria-live": "polite" });
    document.body.append(region);
  }
  region.textContent = sentence;
}
