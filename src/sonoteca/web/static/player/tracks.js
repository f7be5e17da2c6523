/**
 * Tracks: what a play button says of its track, and the list in which it stands.
 *
 * Takes  `<button class="play" data-track …>`, or what was remembered of one.
 * Gives  Track {id, title, artist, release, releaseUrl, cover, waveform, seconds, sources}; `sources` are addresses of
 *        the same sound in several formats, the one that was made first. Every address is a path of this site, or "".
 * Never  trusts an address: only this site's own is ever fetched or linked.
 */

const MOST = 2000;

/** The track of a button; null when it names none. */
export function trackOf(button) {
  const said = button.dataset;
  return checked({
    id: said.track,
    title: said.title,
    artist: said.artist,
    release: said.release,
    releaseUrl: said.releaseUrl,
    cover: said.cover,
    waveform: said.waveform,
    seconds: said.seconds,
    sources: [said.src, said.webm, said.mp4],
  });
}

/** What the list around a button plays, in order, and where in it the button stands. Without a list: itself. */
export function queueOf(button) {
  const list = button.closest("[data-playlist]");
  const buttons = list ? [...list.querySelectorAll("button.play[data-track]")] : [button];
  const kept = buttons.map((one) => [one, trackOf(one)]).filter(([, track]) => track);
  const queue = kept.map(([, track]) => track);
  return { queue: queue.slice(0, MOST), index: kept.findIndex(([one]) => one === button) };
}

/** A track with every field of the right kind; null when there is no sound in it. */
export function checked(value) {
  if (!value || typeof value !== "object" || !value.id) return null;
  const sources = Array.isArray(value.sources) ? value.sources.slice(0, 8).map(ownAddress).filter(Boolean) : [];
  if (!sources.length) return null;
  const seconds = Number(value.seconds);
  return {
    id: String(value.id),
    title: String(value.title || "Untitled"),
    artist: String(value.artist || ""),
    release: String(value.release || ""),
    releaseUrl: ownAddress(value.releaseUrl),
    cover: ownAddress(value.cover),
    waveform: ownAddress(value.waveform),
    seconds: Number.isFinite(seconds) && seconds > 0 ? seconds : 0,
    sources,
  };
}

/** A queue that was remembered; [] when it is none. */
export function checkedQueue(value) {
  return Array.isArray(value) ? value.slice(0, MOST).map(checked).filter(Boolean) : [];
}

/** Path and query of an address of this site; "" for any other. */
export function ownAddress(value) {
  if (!value) return "";
  try {
    const address = new URL(value, document.baseURI);
    return address.origin === location.origin ? address.pathname + address.search : "";
  } catch {
    return "";
  }
}
