/**
 * Memory: what was on, so that a reload or a visit elsewhere does not lose it.
 *
 * Takes  the Deck.   Gives  the queue, track and place back in this tab; volume and settings in every tab.
 * Never  sends anything anywhere. What comes out is checked like anything from outside.
 */

import { checkedQueue } from "./tracks.js";

const TAB = "sonoteca.player";
const EVERYWHERE = "sonoteca.settings";
const EVERY_S = 5;

/** Puts on what was on before, and keeps it up to date from then on. */
export function attachMemory(deck) {
  const { sound } = deck;
  const { volume, isMuted } = load(localStorage, EVERYWHERE);
  if (Number.isFinite(volume)) sound.volume = volume;
  sound.isMuted = isMuted === true;
  restore(deck, load(sessionStorage, TAB));
  let savedAt = 0;
  const saveTab = () => {
    savedAt = sound.position;
    const { queue, index } = deck;
    save(sessionStorage, TAB, { queue, index, position: savedAt, isWanted: sound.isWanted });
  };
  deck.addEventListener("track", saveTab);
  sound.addEventListener("state", saveTab);
  sound.addEventListener("time", () => Math.abs(sound.position - savedAt) >= EVERY_S && saveTab());
  sound.addEventListener("volume", () => keepSettings({ volume: sound.volume, isMuted: sound.isMuted }));
  addEventListener("pagehide", saveTab);
}

function restore(deck, { queue, index, position, isWanted }) {
  const tracks = checkedQueue(queue);
  if (!Number.isInteger(index) || !tracks[index]) return;
  deck.take(tracks, index, Number.isFinite(position) && position > 0 ? position : 0);
  // After a reload in the midst of playing; a browser that wants a click first leaves it paused.
  if (isWanted === true) deck.sound.play();
}

/** What was set in this browser, in any tab. */
export function settings() {
  return load(localStorage, EVERYWHERE);
}

/** Sets some of it. */
export function keepSettings(some) {
  save(localStorage, EVERYWHERE, { ...settings(), ...some });
}

function load(storage, key) {
  try {
    const value = JSON.parse(storage.getItem(key));
    return value && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

function save(storage, key, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    // Full or forbidden: then nothing is remembered, and everything else works.
  }
}
