/**
 * Waveform: the shape of a recording, and where in it one is; a slider for pointer, thumb and keyboard.
 *
 * Takes  peaks (/waveform/<track>.json: `peaks`, numbers from 0 to 255), seconds, position.
 * Gives  an element with role="slider"; calls `seek(seconds)` when somebody chose a place.
 * Never  seeks while a thumb is still moving: it shows where it would go, and goes when it is let loose.
 */

import { drawing, element, setAttribute } from "./elements.js";
import { clock, spoken } from "./times.js";

const BAR_PX = 3;
const GAP_PX = 1;
const HEIGHT = 100;
const LEAST = 6;
const KEPT = 40;
const STEP_S = 5;

const fetched = new Map();

/** The peaks behind an address; [] when they are not to be had. The last few are kept. */
export async function loadPeaks(address) {
  if (!address) return [];
  if (!fetched.has(address)) {
    fetched.set(address, fetchPeaks(address));
    if (fetched.size > KEPT) fetched.delete(fetched.keys().next().value);
  }
  return fetched.get(address);
}

async function fetchPeaks(address) {
  try {
    const answer = await fetch(address);
    const { peaks } = answer.ok ? await answer.json() : {};
    return Array.isArray(peaks) ? peaks.map((peak) => Math.min(255, Math.max(0, Number(peak) || 0))) : [];
  } catch {
    fetched.delete(address);
    return [];
  }
}

/** So many bars of the peaks, each the loudest within it, as parts of the loudest of all. */
export function barsOf(peaks, count) {
  const top = Math.max(1, ...peaks);
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count));
    return Math.max(0, ...peaks.slice(from, to)) / top;
  });
}

export class Waveform {
  #peaks = [];
  #seconds = 0;
  #position = 0;
  #draggedTo = null;

  constructor(seek) {
    this.seek = seek;
    this.ahead = drawing("path", { class: "ahead" });
    this.behind = drawing("path", { class: "behind" });
    this.picture = drawing(
      "svg",
      { preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
      this.ahead,
      drawing("svg", { class: "played", preserveAspectRatio: "none", height: HEIGHT, width: 0 }, this.behind),
    );
    this.hint = element("output", { class: "hint", hidden: true, "aria-hidden": "true" });
    const role = { role: "slider", tabindex: "0", "aria-label": "Position", "aria-valuemin": "0" };
    this.root = element("div", { class: "player-waveform", ...role }, this.picture, this.hint);
    this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.root);
  }

  /** Another recording: its shape comes when it comes, the slider works at once. */
  async show(address) {
    this.address = address;
    this.#peaks = [];
    this.#draw();
    const peaks = await loadPeaks(address);
    if (this.address !== address) return;
    this.#peaks = peaks;
    this.#draw();
  }

  /** Where the sound is, and how long it is. */
  place(position, seconds) {
    this.#position = position;
    this.#seconds = seconds;
    if (this.#draggedTo === null) this.#mark(position);
  }

  #listen() {
    const on = (name, does) => this.root.addEventListener(name, does);
    on("pointerdown", (event) => this.#grasp(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", () => this.#release(true));
    on("pointercancel", () => this.#release(false));
    on("pointerleave", () => this.#draggedTo === null && this.#hide());
    on("keydown", (event) => this.#key(event));
  }

  #grasp(event) {
    if (event.button !== 0 || !this.#seconds) return;
    this.root.setPointerCapture(event.pointerId);
    this.#draggedTo = this.#under(event);
    this.#mark(this.#draggedTo);
  }

  #move(event) {
    if (!this.#seconds) return;
    const seconds = this.#under(event);
    this.hint.hidden = false;
    this.hint.textContent = clock(seconds);
    this.hint.style.setProperty("--at", String(seconds / this.#seconds));
    if (this.#draggedTo === null) return;
    this.#draggedTo = seconds;
    this.#mark(seconds);
  }

  #release(isMeant) {
    if (this.#draggedTo === null) return;
    const seconds = this.#draggedTo;
    this.#draggedTo = null;
    this.#hide();
    if (isMeant) this.seek(seconds);
    else this.#mark(this.#position);
  }

  #hide() {
    this.hint.hidden = true;
  }

  #under(event) {
    const { left, width } = this.root.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / (width || 1))) * this.#seconds;
  }

  // The keys of the ARIA pattern "slider".
  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const tenth = this.#seconds / 10;
    const steps = { ArrowRight: STEP_S, ArrowUp: STEP_S, ArrowLeft: -STEP_S, ArrowDown: -STEP_S };
    const places = { Home: 0, End: this.#seconds, PageUp: this.#position + tenth, PageDown: this.#position - tenth };
    if (event.key in steps) places[event.key] = this.#position + steps[event.key];
    if (!(event.key in places)) return;
    event.preventDefault();
    event.stopPropagation();
    this.seek(Math.min(this.#seconds, Math.max(0, places[event.key])));
  }

  #mark(position) {
    const part = this.#seconds ? Math.min(1, position / this.#seconds) : 0;
    setAttribute(this.picture.lastElementChild, "width", `${(part * 100).toFixed(2)}%`);
    setAttribute(this.root, "aria-valuemax", String(Math.floor(this.#seconds)));
    setAttribute(this.root, "aria-valuenow", String(Math.floor(position)));
    setAttribute(this.root, "aria-valuetext", `${spoken(position)} of ${spoken(this.#seconds)}`);
  }

  #draw() {
    const width = Math.floor(this.root.clientWidth);
    if (!width) return;
    const count = Math.max(1, Math.floor((width + GAP_PX) / (BAR_PX + GAP_PX)));
    const bars = barsOf(this.#peaks, count).map((part, bar) => {
      const high = Math.max(LEAST, part * HEIGHT);
      return `M${bar * (BAR_PX + GAP_PX)} ${((HEIGHT - high) / 2).toFixed(1)}h${BAR_PX}v${high.toFixed(1)}h-${BAR_PX}z`;
    });
    setAttribute(this.picture, "viewBox", `0 0 ${width} ${HEIGHT}`);
    for (const shape of [this.ahead, this.behind]) setAttribute(shape, "d", bars.join(""));
  }
}
