/**
 * Tabs: one sound at a time, although the archive may be open in several.
 *
 * Takes  the Sound.   Gives  a pause in this tab when another begins to play.
 */

/** Begins to tell the other tabs, and to listen to them. */
export function attachTabs(sound) {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel("sonoteca.playing");
  sound.addEventListener("state", () => sound.state === "playing" && channel.postMessage("playing"));
  channel.addEventListener("message", () => sound.pause());
}
