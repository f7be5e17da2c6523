/**
 * Search: finds while one writes.
 *
 * Takes  what is written into the search box of the search page (or of the header while that page is shown).
 * Gives  results under the box after a short pause; the address says what is searched for, without a new entry in the
 *        history for every letter. An answer that was overtaken is thrown away.
 * Never  moves the caret or the focus.
 */

import { formAddress } from "./addresses.js";

const PAUSE_MS = 180;

/** Begins to listen to search boxes. */
export function attachSearch(navigation) {
  let waiting = 0;
  const later = (event, pauseMs) => {
    const address = liveAddress(event.target);
    clearTimeout(waiting);
    if (!address) return;
    waiting = setTimeout(() => {
      if (address !== location.href) navigation.go(address, { replace: true, keep: event.target });
    }, pauseMs);
  };
  document.addEventListener("input", (event) => isBox(event.target) && !event.isComposing && later(event, PAUSE_MS));
  document.addEventListener("compositionend", (event) => isBox(event.target) && later(event, PAUSE_MS));
  document.addEventListener("change", (event) => isFilter(event.target) && later(event, 0));
  document.addEventListener("submit", () => clearTimeout(waiting), { capture: true });
}

function isBox(field) {
  return field instanceof HTMLInputElement && field.name === "q";
}

function isFilter(field) {
  return field instanceof Element && field.matches("main form :is(select, [type=checkbox], [type=radio])");
}

// Null where results are not shown anyway: there, Enter leads to them.
function liveAddress(field) {
  const address = field.form && formAddress(field.form, null);
  return address && new URL(address).pathname === location.pathname ? address : null;
}
