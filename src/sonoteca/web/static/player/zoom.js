/**
 * Zoom: the waveform of a track's page from nearer, until a bar is a hundredth of a second.
 *
 * Takes  `[data-outline]` around the picture of a waveform (/waveform/<track>.outline: a byte for every 1/100 s).
 * Gives  two buttons; nearer, a strip that moves under thumb, wheel and keys, and plays from where it is pressed.
 * Never  fetches the outline before somebody wants to see it; draws more of it than is seen.
 */

import { announce } from "./announce.js";
import { drawing, element, setAttribute, setText } from "./elements.js";
import { clock } from "./times.js";
import { queueOf } from "./tracks.js";

const HERTZ = 100;
const TIMES = 4;
const BAR_PX = 3;
const PITCH_PX = 4;
const FINEST_PX = HERTZ * PITCH_PX; // a second is so wide at most
const HEIGHT = 100;
const LEAST = 2;
const MARK_PX = 2;

/** Puts the buttons on every page that has an outline. */
export function attachZoom(deck) {
  let shown = [];
  const look = () => {
    const places = [...document.querySelectorAll("[data-outline]")].filter((one) => !one.querySelector(".zoom"));
    shown = [...shown.filter((one) => one.place.isConnected), ...places.map((place) => new Zoom(place, deck))];
  };
  const draw = () => shown.forEach((one) => one.draw());
  document.addEventListener("sonoteca:page", look);
  deck.addEventListener("track", draw);
  deck.sound.addEventListener("time", draw);
  look();
}

class Zoom {
  #bytes = new Uint8Array();
  #loading = null;
  #top = 1;
  #secondPx = 0; // 0: the picture of the whole is shown

  constructor(place, deck) {
    this.place = place;
    this.deck = deck;
    this.picture = place.querySelector("img.wave");
    this.bars = drawing("path");
    this.mark = drawing("rect", { width: MARK_PX, height: HEIGHT });
    const hidden = { preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" };
    this.drawn = drawing("svg", hidden, this.bars, this.mark);
    this.room = element("div", {}, this.drawn);
    const words = "Waveform from nearer. Arrow keys move it, plus and minus bring it nearer and farther.";
    const said = { class: "closer", tabindex: 0, role: "group", "aria-label": words, dir: "ltr", hidden: true };
    this.strip = element("div", said, this.room);
    this.out = button("−", "Waveform from farther", () => this.#farther());
    this.in = button("+", "Waveform from nearer", () => this.#nearer());
    this.words = element("p", { class: "closer-words", hidden: true });
    this.picture.after(this.strip);
    place.append(element("div", { class: "zoom" }, this.out, this.in), this.words);
    setAttribute(this.out, "aria-disabled", "true");
    this.#listen();
  }

  /** What of it is seen, and where in it the sound is. */
  draw() {
    if (!this.#secondPx) return;
    const [left, width] = [this.strip.scrollLeft, this.strip.clientWidth];
    const first = Math.floor(left / PITCH_PX);
    const count = Math.ceil(width / PITCH_PX) + 1;
    const bars = Array.from({ length: count }, (_, place) => this.#bar(first + place, left));
    setAttribute(this.drawn, "width", String(width));
    setAttribute(this.drawn, "viewBox", `0 0 ${width} ${HEIGHT}`);
    setAttribute(this.bars, "d", bars.join(""));
    setAttribute(this.mark, "x", String(this.#isOn() ? this.deck.sound.position * this.#secondPx - left : -MARK_PX));
    const [from, to] = [left / this.#secondPx, Math.min(this.#seconds, (left + width) / this.#secondPx)];
    setText(this.words, `From ${tenths(from)} to ${tenths(to)}.`);
  }

  get #seconds() {
    return this.#bytes.length / HERTZ;
  }

  #bar(bar, left) {
    const bins = (PITCH_PX / this.#secondPx) * HERTZ;
    const from = Math.round(bar * bins);
    if (from >= this.#bytes.length) return "";
    const seen = this.#bytes.subarray(from, Math.max(from + 1, Math.round((bar + 1) * bins)));
    const high = Math.max(LEAST, (Math.max(...seen) / this.#top) * HEIGHT);
    return `M${bar * PITCH_PX - left} ${((HEIGHT - high) / 2).toFixed(1)}h${BAR_PX}v${high.toFixed(1)}h-${BAR_PX}z`;
  }

  #listen() {
    this.strip.addEventListener("scroll", () => this.draw(), { passive: true });
    this.strip.addEventListener("keydown", (event) => this.#key(event));
    this.strip.addEventListener("click", (event) => this.#press(event));
    new ResizeObserver(() => this.draw()).observe(this.strip);
  }

  // Elsewhere on the page the arrow keys are the player's.
  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const [width, end] = [this.strip.clientWidth, this.strip.scrollWidth];
    const moves = { ArrowRight: width / 4, ArrowLeft: -width / 4, PageDown: width, PageUp: -width };
    Object.assign(moves, { Home: -end, End: end });
    const zooms = { "+": () => this.#nearer(), "=": () => this.#nearer(), "-": () => this.#farther() };
    if (event.key in moves) this.strip.scrollBy({ left: moves[event.key], behavior: "instant" });
    else if (event.key in zooms) zooms[event.key]();
    else return;
    event.preventDefault();
  }

  #press(event) {
    const { queue, index } = queueOf(this.#button);
    const seconds = (event.clientX - this.strip.getBoundingClientRect().left + this.strip.scrollLeft) / this.#secondPx;
    if (index >= 0) this.deck.playFrom(queue, index, Math.min(seconds, this.#seconds));
  }

  get #button() {
    return this.place.querySelector("button.play[data-track]");
  }

  #isOn() {
    return this.#button.dataset.track === this.deck.track?.id;
  }

  async #nearer() {
    if (this.in.getAttribute("aria-disabled") === "true" || !(await this.#load())) return;
    const before = this.#secondPx || this.#whole();
    if (before < FINEST_PX) this.#show(Math.min(FINEST_PX, before * TIMES));
    else announce("It is as near as it can be.");
  }

  #farther() {
    const after = this.#secondPx / TIMES;
    if (this.#secondPx) this.#show(after > this.#whole() * 1.5 ? after : 0);
  }

  // How wide a second is when all of it is seen.
  #whole() {
    return (this.picture.clientWidth || this.strip.clientWidth) / this.#seconds;
  }

  // Around the sound when it is seen, else around the middle.
  #show(secondPx) {
    const half = this.#secondPx ? this.strip.clientWidth / 2 / this.#secondPx : this.#seconds / 2;
    const seen = this.#secondPx ? this.strip.scrollLeft / this.#secondPx + half : half;
    const sound = this.#isOn() ? this.deck.sound.position : NaN;
    const middle = Math.abs(sound - seen) <= half ? sound : seen;
    const hasFocus = document.activeElement === this.strip;
    this.#secondPx = secondPx;
    this.picture.hidden = Boolean(secondPx);
    this.strip.hidden = this.words.hidden = !secondPx;
    setAttribute(this.out, "aria-disabled", String(!secondPx));
    setAttribute(this.in, "aria-disabled", String(secondPx >= FINEST_PX));
    if (!secondPx) {
      if (hasFocus) this.in.focus();
      return announce("All of it");
    }
    this.room.style.inlineSize = `${Math.ceil(this.#seconds * secondPx)}px`;
    this.strip.scrollLeft = middle * secondPx - this.strip.clientWidth / 2;
    this.draw();
    announce(this.words.textContent);
  }

  // Once, however often it is asked for; again when it could not be had.
  async #load() {
    this.#loading ??= fetchBytes(this.place.dataset.outline);
    this.#bytes = await this.#loading;
    this.#top = this.#bytes.reduce((most, one) => Math.max(most, one), 1);
    if (this.#bytes.length) return true;
    this.#loading = null;
    announce("It cannot be had from nearer at this moment.");
    return false;
  }
}

async function fetchBytes(address) {
  try {
    const answer = await fetch(address);
    return new Uint8Array(answer.ok ? await answer.arrayBuffer() : 0);
  } catch {
    return new Uint8Array();
  }
}

function button(sign, words, does) {
  const made = element("button", { type: "button", "aria-label": words, title: words }, sign);
  made.addEventListener("click", does);
  return made;
}

function tenths(seconds) {
  const whole = Math.max(0, Math.floor(seconds * 10 + 1e-6));
  return `${clock(whole / 10)}.${whole % 10}`;
}
