/**
 * Deck: which track of which list is on.
 *
 * Takes  a queue of tracks and the Sound that plays them.
 * Gives  the track that is on and the one after it; events "track" (another one, or another queue) and Sound's own.
 * Never  touches the page.
 */

// Within these the button "previous" goes to the track before; later it goes to the beginning, as players do.
const RESTART_AFTER_S = 3;

export class Deck extends EventTarget {
  #queue = [];
  #index = -1;

  constructor(sound) {
    super();
    this.sound = sound;
    sound.addEventListener("ended", () => this.next());
  }

  get queue() {
    return this.#queue;
  }

  get index() {
    return this.#index;
  }

  /** The track that is on; null when none is. */
  get track() {
    return this.#queue[this.#index] ?? null;
  }

  get hasNext() {
    return this.#index + 1 < this.#queue.length;
  }

  get hasPrevious() {
    return this.#index > 0;
  }

  /** Puts a track of a queue on, at a position, without playing it. */
  take(queue, index, atSeconds = 0) {
    this.#queue = queue;
    this.#index = index;
    this.sound.load(this.track, atSeconds);
    this.#tell();
  }

  /** A track was chosen on the page: plays it; when it is the one that is on, plays or pauses it. */
  choose(queue, index) {
    if (queue[index]?.id === this.track?.id) {
      this.#queue = queue;
      this.#index = index;
      this.#tell();
      return this.toggle();
    }
    this.take(queue, index);
    this.sound.play();
  }

  /** Plays a track of a queue from a second on. */
  playFrom(queue, index, seconds) {
    if (queue[index]?.id === this.track?.id) this.sound.seek(seconds);
    else this.take(queue, index, seconds);
    this.sound.play();
  }

  /** Puts the track that is on on again where it stands: other addresses stand for it now. */
  renew() {
    const { position, isWanted } = this.sound;
    if (!this.track) return;
    this.sound.load(this.track, position);
    if (isWanted) this.sound.play();
  }

  toggle() {
    if (this.sound.state === "trouble") this.sound.retry();
    else if (this.sound.isWanted) this.sound.pause();
    else this.sound.play();
  }

  /** The next track, when there is one; it plays on. */
  next() {
    if (this.hasNext) this.jump(this.#index + 1);
  }

  /** The beginning of this track or, near it, the track before. */
  previous() {
    if (this.sound.position > RESTART_AFTER_S || !this.hasPrevious) this.sound.seek(0);
    else this.jump(this.#index - 1);
  }

  /** Plays another track of the queue. */
  jump(index) {
    this.take(this.#queue, index);
    this.sound.play();
  }

  /** Forwards or, when negative, backwards. */
  nudge(seconds) {
    this.sound.seek(this.sound.position + seconds);
  }

  /** Nothing is on any more. */
  close() {
    this.take([], -1);
  }

  #tell() {
    this.dispatchEvent(new Event("track"));
  }
}
