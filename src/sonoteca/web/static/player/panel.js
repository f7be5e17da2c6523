/**
 * Panel: the player as people see it, at the foot of every page.
 *
 * Takes  the place for it (`<aside id="player">`) and a Deck.
 * Gives  buttons, the waveform, times, volume, the list, and what went wrong in words; hidden while nothing is on.
 */

import { element, iconButton, reshape, setAttribute, setText } from "./elements.js";
import { QueueList } from "./queue-list.js";
import { clock, lengthOf } from "./times.js";
import { Volume } from "./volume.js";
import { Waveform } from "./waveform.js";

export class Panel {
  #deck;
  #place;

  constructor(place, deck, options) {
    this.#deck = deck;
    this.#place = place;
    this.waveform = new Waveform((seconds) => deck.sound.seek(seconds));
    this.volume = new Volume(deck.sound);
    this.list = new QueueList(deck, options);
    this.#make();
    this.#follow();
    this.#reserveRoom();
    this.#showTrack();
  }

  #make() {
    const deck = this.#deck;
    this.cover = element("img", { class: "player-cover", alt: "", width: 44, height: 44, decoding: "async" });
    this.title = element("a", { class: "player-title" });
    this.artist = element("span", { class: "player-artist" });
    this.previous = button("previous", "Previous track", "player-previous", () => deck.previous());
    this.play = button("play", "Play", "player-play", () => deck.toggle());
    this.next = button("next", "Next track", "player-next", () => deck.next());
    this.elapsed = element("span", { class: "player-elapsed" }, "0:00");
    this.total = element("span", { class: "player-total" }, "0:00");
    this.more = button("more", "List and settings", "player-more", () => this.#open(this.list.root.hidden));
    setAttribute(this.more, "aria-expanded", "false");
    setAttribute(this.more, "aria-controls", this.list.root.id);
    this.#place.addEventListener("keydown", (event) => event.key === "Escape" && this.#open(false));
    this.words = element("span");
    const again = element("button", { type: "button", class: "player-retry" }, "Try again");
    again.addEventListener("click", () => deck.sound.retry());
    this.trouble = element("p", { class: "player-trouble", hidden: true }, this.words, again);
    const text = element("div", { class: "player-text" }, this.title, this.artist);
    const place = element("div", { class: "player-place" }, this.elapsed, this.waveform.root, this.total);
    this.alert = element("div", { class: "player-alert", role: "alert" }, this.trouble);
    this.bar = element("div", { class: "player-bar" }, this.cover, text, this.previous, this.play, this.next, place);
    this.bar.append(this.volume.root, this.more);
    this.#place.replaceChildren(this.bar, this.alert, this.list.root);
  }

  #follow() {
    const { sound } = this.#deck;
    this.#deck.addEventListener("track", () => this.#showTrack());
    sound.addEventListener("state", () => this.#showState());
    sound.addEventListener("time", () => this.#showTime());
  }

  // The page keeps as much room at its foot as the player covers, so that it hides nothing.
  #reserveRoom() {
    const measure = () => {
      // The list may cover the page: somebody asked for it, and it goes away.
      const covered = this.#place.getBoundingClientRect().bottom - this.alert.getBoundingClientRect().top;
      const height = this.#place.hidden ? 0 : Math.ceil(covered + this.#place.clientTop);
      document.documentElement.style.setProperty("--player-height", `${height}px`);
    };
    new ResizeObserver(measure).observe(this.#place);
    measure();
  }

  #showTrack() {
    const { track, hasNext } = this.#deck;
    this.#place.hidden = !track;
    document.documentElement.classList.toggle("has-player", Boolean(track));
    if (!track) return this.#open(false);
    setText(this.title, track.title);
    this.title.title = track.title;
    if (track.releaseUrl) setAttribute(this.title, "href", track.releaseUrl);
    else this.title.removeAttribute("href");
    setText(this.artist, [track.artist, track.release].filter(Boolean).join(" · "));
    this.artist.title = this.artist.textContent;
    this.cover.hidden = !track.cover;
    if (track.cover) setAttribute(this.cover, "src", track.cover);
    setAttribute(this.next, "aria-disabled", String(!hasNext));
    this.waveform.show(track.waveform);
    this.#showState();
    this.#showTime();
  }

  #showState() {
    const { state, trouble, isWanted } = this.#deck.sound;
    const pauses = isWanted && state !== "trouble";
    this.#place.dataset.state = state;
    reshape(this.play.firstElementChild, pauses ? "pause" : "play");
    setAttribute(this.play, "aria-label", pauses ? "Pause" : "Play");
    setAttribute(this.play, "title", pauses ? "Pause (k)" : "Play (k)");
    this.trouble.hidden = state !== "trouble";
    setText(this.words, trouble);
  }

  #showTime() {
    const { position, duration } = this.#deck.sound;
    setText(this.elapsed, clock(position));
    setText(this.total, lengthOf(duration));
    this.waveform.place(position, duration);
  }

  #open(isOpen) {
    if (!isOpen && this.list.root.contains(document.activeElement)) this.more.focus();
    this.list.root.hidden = !isOpen;
    this.#place.toggleAttribute("data-open", isOpen);
    setAttribute(this.more, "aria-expanded", String(isOpen));
    if (isOpen) this.list.reveal();
  }
}

function button(shape, words, className, does) {
  const made = iconButton(shape, words, { class: className });
  made.addEventListener("click", does);
  return made;
}
