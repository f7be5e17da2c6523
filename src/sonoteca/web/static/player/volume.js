/**
 * Volume: how loud, and whether at all.
 *
 * Takes  the Sound.   Gives  a button that mutes and a slider.
 */

import { element, iconButton, reshape, setAttribute } from "./elements.js";

export class Volume {
  #sound;

  constructor(sound) {
    this.#sound = sound;
    this.mute = iconButton("loud", "Mute", { class: "player-mute" });
    this.mute.addEventListener("click", () => {
      sound.isMuted = !sound.isMuted;
    });
    this.slider = element("input", { type: "range", min: 0, max: 100, step: 5, "aria-label": "Volume" });
    this.slider.addEventListener("input", () => {
      sound.isMuted = false;
      sound.volume = Number(this.slider.value) / 100;
    });
    this.root = element("div", { class: "player-volume" }, this.mute, this.slider);
    // Phones that leave loudness to their own keys take no other word for it.
    this.root.hidden = !sound.takesVolume();
    sound.addEventListener("volume", () => this.#show());
    this.#show();
  }

  #show() {
    const { volume, isMuted } = this.#sound;
    const percent = Math.round(volume * 100);
    this.slider.value = String(percent);
    setAttribute(this.slider, "aria-valuetext", isMuted ? "muted" : `${percent} percent`);
    reshape(this.mute.firstElementChild, isMuted || !percent ? "silent" : "loud");
    setAttribute(this.mute, "aria-label", isMuted ? "Unmute" : "Mute");
    setAttribute(this.mute, "title", isMuted ? "Unmute" : "Mute");
  }
}
