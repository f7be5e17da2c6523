/**
 * Queue list: what is on and what comes, and the player's few settings; folded away above the bar.
 *
 * Takes  the Deck, and options {areKeysOn, setKeys(isOn), isThrifty, setThrifty(isOn)}.
 * Gives  an element that is hidden until somebody asks for it.
 */

import { element, icon, setAttribute } from "./elements.js";
import { lengthOf } from "./times.js";

const KEYS = [
  ["Space, k", "play, pause"],
  ["j, l", "10 seconds back, on"],
  ["←, →", "5 seconds back, on"],
  ["/", "search"],
];

export class QueueList {
  #deck;
  #shown = null;

  constructor(deck, options) {
    this.#deck = deck;
    this.list = element("ol", { class: "player-queue" });
    this.list.addEventListener("click", (event) => {
      const chosen = event.target.closest("button[data-index]");
      if (chosen) deck.jump(Number(chosen.dataset.index));
    });
    this.root = element(
      "section",
      { class: "player-list", id: "player-list", hidden: true, "aria-label": "List and settings of the player" },
      this.list,
      this.#settings(options),
    );
    deck.addEventListener("track", () => this.#show());
  }

  /** Draws what has changed since, and brings the track that is on into view. */
  reveal() {
    this.#show();
    this.list.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #show() {
    if (this.root.hidden) return;
    if (this.#shown !== this.#deck.queue) {
      this.#shown = this.#deck.queue;
      this.list.replaceChildren(...this.#shown.map(row));
    }
    for (const [index, one] of [...this.list.children].entries()) {
      const chosen = one.firstElementChild;
      if (index === this.#deck.index) setAttribute(chosen, "aria-current", "true");
      else chosen.removeAttribute("aria-current");
    }
  }

  #settings(options) {
    const keys = KEYS.flatMap(([key, does]) => [element("dt", {}, key), element("dd", {}, does)]);
    const close = element("button", { type: "button", class: "player-close", "aria-label": "Close the player" });
    close.append(icon("close"), "Close");
    close.addEventListener("click", () => this.#deck.close());
    return element(
      "div",
      { class: "player-settings" },
      choice(" Shortcuts", options.areKeysOn, (isOn) => options.setKeys(isOn)),
      choice(" Save data", options.isThrifty, (isOn) => options.setThrifty(isOn)),
      close,
      element("dl", { class: "player-keys" }, ...keys),
    );
  }
}

function choice(words, isOn, does) {
  const box = element("input", { type: "checkbox" });
  box.checked = isOn === true;
  box.addEventListener("change", () => does(box.checked));
  return element("label", {}, box, words);
}

function row(track, index) {
  const words = element("span", { class: "words" }, track.title, element("small", {}, track.artist));
  const length = element("span", { class: "length" }, track.seconds ? lengthOf(track.seconds) : "");
  return element("li", {}, element("button", { type: "button", "data-index": index }, words, length));
}
