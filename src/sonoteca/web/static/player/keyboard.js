/**
 * Keyboard: the keys that people know from other players.
 *
 * Takes  key presses anywhere on the page.
 * Gives  orders to the Deck; "/" goes to the search box.
 * Never  takes a key from somebody who writes, chooses or holds a modifier; nor any when keys are switched off
 *        (WCAG 2.1.4: single-key shortcuts can be turned off).
 */

const FIELDS = "input, textarea, select, [contenteditable], [role=textbox], audio, video";
// Space presses these.
const PRESSED = "button, summary, [role=button], label";

const LETTERS = {
  " ": (deck) => deck.toggle(),
  k: (deck) => deck.toggle(),
  j: (deck) => deck.nudge(-10),
  l: (deck) => deck.nudge(10),
  ArrowLeft: (deck) => deck.nudge(-5),
  ArrowRight: (deck) => deck.nudge(5),
};

/** Begins to listen; `settings.areKeysOn` is asked each time. */
export function attachKeyboard(deck, settings) {
  document.addEventListener("keydown", (event) => {
    if (!settings.areKeysOn || isTaken(event)) return;
    if (event.key === "/") return focusSearch(event);
    const does = LETTERS[event.key];
    if (!does || !deck.track) return;
    event.preventDefault();
    does(deck);
  });
}

function isTaken(event) {
  if (event.defaultPrevented || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return true;
  const target = event.target instanceof Element ? event.target : document.body;
  return Boolean(target.closest(FIELDS) || (event.key === " " && target.closest(PRESSED)));
}

function focusSearch(event) {
  const boxes = [...document.querySelectorAll("input[type=search], input[name=q]")];
  const box = boxes.find((one) => one.checkVisibility?.() ?? one.offsetParent);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
}
