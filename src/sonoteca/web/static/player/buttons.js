/**
 * Buttons: the play buttons of the pages.
 *
 * Takes  clicks on `button.play`, wherever and whenever a page brings one.
 * Gives  the list around the button to the Deck; the button of the track that is on says so (`is-playing`, its
 *        name), and so does its row (`data-current`). A press on a waveform plays from there.
 * Never  holds a button: pages come and go.
 */

import { setAttribute } from "./elements.js";
import { queueOf, trackOf } from "./tracks.js";

/** Begins to answer to play buttons. */
export function attachButtons(deck) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button.play[data-track]");
    if (!button || event.defaultPrevented) return;
    const { queue, index } = queueOf(button);
    if (index >= 0) deck.choose(queue, index);
  });
  document.addEventListener("click", (event) => fromWaveform(event, deck));
  const mark = () => markButtons(deck);
  deck.addEventListener("track", mark);
  deck.sound.addEventListener("state", mark);
  document.addEventListener("sonoteca:page", mark);
  mark();
}

// The picture of a waveform beside a play button: for pointers only, keys have the slider of the player.
function fromWaveform(event, deck) {
  const picture = event.target.closest?.("[data-playlist] img.wave");
  const button = picture?.closest("li, [data-playlist]").querySelector("button.play[data-track]");
  if (!button || event.button !== 0) return;
  const { queue, index } = queueOf(button);
  if (index < 0) return;
  const { left, width } = picture.getBoundingClientRect();
  deck.playFrom(queue, index, ((event.clientX - left) / (width || 1)) * queue[index].seconds);
}

function markButtons(deck) {
  const { isWanted, state } = deck.sound;
  const shown = isWanted && state !== "trouble" ? "playing" : "paused";
  for (const button of document.querySelectorAll("button.play[data-track]")) {
    const isOn = button.dataset.track === deck.track?.id;
    button.classList.toggle("is-playing", isOn && shown === "playing");
    name(button, isOn && shown === "playing");
    button.closest("[data-playlist] > *")?.toggleAttribute("data-current", isOn);
  }
}

// "Pause …" while it plays, else the name that the page gave it.
function name(button, pauses) {
  if (pauses) {
    button.dataset.words ??= button.getAttribute("aria-label") ?? "";
    setAttribute(button, "aria-label", `Pause ${trackOf(button)?.title ?? ""}`);
  } else if (button.dataset.words !== undefined) {
    if (button.dataset.words) setAttribute(button, "aria-label", button.dataset.words);
    else button.removeAttribute("aria-label");
    delete button.dataset.words;
  }
}
