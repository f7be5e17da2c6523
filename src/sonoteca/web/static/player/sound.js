/**
 * Sound: the one audio element of the site.
 *
 * Takes  a track, a position, and orders (open, play, pause, seek).
 * Gives  events: "state" (idle, loading, playing, paused, trouble), "time", "ended"; `trouble` has the words.
 * Never  loads a byte before somebody wants to hear it; no Web Audio: sound goes on when the page sleeps.
 * Order  the formats that this browser says it knows, surest first; when it stumbles over one, the next; then words.
 */

import { playable } from "./formats.js";
import { NO_FORMAT, NO_LOUDSPEAKER, explain, isDeaf } from "./trouble.js";

const STUMBLES = [MediaError.MEDIA_ERR_DECODE, MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED];

export class Sound extends EventTarget {
  #audio;
  #track = null;
  #addresses = [];
  #isOpen = false;
  #isWanted = false;
  #pendingSeconds = null;
  state = "idle";
  trouble = "";
  sourcesOf = (track) => track.sources;

  constructor(audio) {
    super();
    this.#audio = audio;
    const on = (names, does) => names.split(" ").forEach((name) => audio.addEventListener(name, does));
    on("playing", () => this.#become("playing"));
    on("waiting seeking", () => this.#isWanted && !audio.ended && this.#become("loading"));
    on("seeked", () => this.#goesOn() && this.#become("playing"));
    on("pause", () => this.#paused());
    on("loadedmetadata seeked", () => this.#seekPending());
    on("timeupdate durationchange seeked", () => this.#tell("time"));
    on("timeupdate", () => this.state === "loading" && this.#goesOn() && this.#become("playing"));
    on("volumechange", () => this.#tell("volume"));
    on("error", () => this.#failed());
    on("ended", () => this.#ended());
    addEventListener("online", () => this.state === "trouble" && this.#isWanted && this.retry());
  }

  /** Seconds since the beginning, also when nothing is loaded yet. */
  get position() {
    return this.#pendingSeconds ?? this.#audio.currentTime;
  }

  /** Seconds in all: as the sound itself says, before that as the page said. */
  get duration() {
    const told = this.#audio.duration;
    return this.#isOpen && Number.isFinite(told) && told > 0 ? told : this.#track?.seconds ?? 0;
  }

  /** Whether it plays, or would if it could. */
  get isWanted() {
    return this.#isWanted;
  }

  get volume() {
    return this.#audio.volume;
  }

  set volume(value) {
    this.#audio.volume = Math.min(1, Math.max(0, value));
    this.#tell("volume"); // at once: the browser's own word may come when the page has gone
  }

  /** Whether this browser lets a page say how loud. */
  takesVolume() {
    const before = this.#audio.volume;
    this.#audio.volume = 0.5;
    const isTaken = this.#audio.volume === 0.5;
    this.#audio.volume = before;
    return isTaken;
  }

  get isMuted() {
    return this.#audio.muted;
  }

  set isMuted(value) {
    this.#audio.muted = value;
  }

  /** Puts a track on, at a position. It is fetched by the first play(). */
  load(track, atSeconds = 0) {
    this.#isWanted = this.#isOpen = false;
    this.#audio.pause();
    this.#track = track;
    this.#pendingSeconds = atSeconds;
    this.#addresses = track ? playable(this.#audio, this.sourcesOf(track)) : [];
    this.#become(track ? "paused" : "idle");
    this.#tell("time");
  }

  play() {
    if (!this.#track) return;
    this.#isWanted = true;
    this.#isOpen ? this.#start() : this.#open();
  }

  pause() {
    this.#isWanted = false;
    this.#audio.pause();
    if (this.state === "loading") this.#become("paused");
  }

  /** Goes to a second of the track; nothing is played that was not playing. */
  seek(seconds) {
    const end = this.duration || Infinity;
    const wanted = Math.min(Math.max(0, seconds), end);
    this.#pendingSeconds = wanted;
    // One seek after the other: a held key would ask for twenty places at once, and WebKitGTK loses its way.
    if (!this.#audio.seeking) this.#seekPending();
    this.#tell("time");
  }

  /** Once more from where it stopped, from the first format on. */
  retry() {
    const at = this.position;
    this.load(this.#track, at);
    this.play();
  }

  #open() {
    const address = this.#addresses[0];
    if (!address) return this.#stumbled(NO_FORMAT);
    this.#isOpen = true;
    this.#become("loading");
    this.#audio.src = address;
    this.#start();
  }

  #start() {
    this.#audio.play().catch((why) => {
      // Interrupted by the next order, or told by "error"; only the browser's refusal to begin unasked ends here.
      if (why.name !== "NotAllowedError") return;
      this.#isWanted = false;
      this.#become("paused");
    });
  }

  // WebKit does not say "playing" again after a seek.
  #goesOn() {
    return !this.#audio.paused && !this.#audio.seeking && this.#audio.readyState > HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  #seekPending() {
    const at = this.#pendingSeconds;
    if (at === null || !this.#isOpen || this.#audio.readyState < HTMLMediaElement.HAVE_METADATA) return;
    this.#pendingSeconds = null;
    if (at !== this.#audio.currentTime) this.#audio.currentTime = at;
    this.#tell("time");
  }

  #paused() {
    // The event comes late: by now something else may be playing.
    if (!this.#audio.paused || this.state === "trouble") return;
    this.#isWanted = false;
    this.#become(this.#track ? "paused" : "idle");
  }

  #ended() {
    if (!this.#audio.ended) return;
    this.#isWanted = false;
    this.#become("paused");
    this.#tell("ended");
  }

  #failed() {
    const { error } = this.#audio;
    if (!this.#isOpen || !error || error.code === MediaError.MEDIA_ERR_ABORTED) return;
    this.#pendingSeconds = this.position;
    const failed = this.#addresses[0];
    if (STUMBLES.includes(error.code) && this.#addresses.length > 1 && !isDeaf(error)) {
      this.#addresses.shift();
      return this.#open();
    }
    const track = this.#track;
    const words = isDeaf(error) ? NO_LOUDSPEAKER : explain(error.code, failed);
    Promise.resolve(words).then((said) => this.#track === track && this.#stumbled(said));
  }

  #stumbled(words) {
    this.#isOpen = false;
    this.trouble = words;
    this.#become("trouble");
  }

  #become(state) {
    if (state !== "trouble") this.trouble = "";
    if (this.state === state) return;
    this.state = state;
    this.#tell("state");
  }

  #tell(name) {
    this.dispatchEvent(new Event(name));
  }
}
