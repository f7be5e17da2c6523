/**
 * Media session: the player on lock screens, headsets and media keys.
 *
 * Takes  the Deck.   Gives  title, artist, release and cover to the system, and its keys' orders to the Deck.
 */

const STEP_S = 10;

/** Begins to tell the system; does nothing in a browser without Media Session. */
export function attachMediaSession(deck) {
  const session = navigator.mediaSession;
  if (!session || typeof MediaMetadata === "undefined") return;
  const { sound } = deck;
  answer(session, {
    play: () => sound.play(),
    pause: () => sound.pause(),
    stop: () => deck.close(),
    nexttrack: () => deck.next(),
    previoustrack: () => deck.previous(),
    seekbackward: ({ seekOffset }) => deck.nudge(-(seekOffset || STEP_S)),
    seekforward: ({ seekOffset }) => deck.nudge(seekOffset || STEP_S),
    seekto: ({ seekTime }) => sound.seek(seekTime),
  });
  deck.addEventListener("track", () => {
    session.metadata = deck.track && metadataOf(deck.track);
  });
  sound.addEventListener("state", () => {
    session.playbackState = deck.track ? (sound.isWanted ? "playing" : "paused") : "none";
  });
  sound.addEventListener("time", () => tellPosition(session, sound));
}

function answer(session, handlers) {
  for (const [action, does] of Object.entries(handlers)) {
    try {
      session.setActionHandler(action, does);
    } catch {
      // A browser may not know an action; the others still work.
    }
  }
}

function metadataOf(track) {
  const type = track.cover.endsWith(".svg") ? { type: "image/svg+xml", sizes: "any" } : {};
  const artwork = track.cover ? [{ src: new URL(track.cover, location.href).href, ...type }] : [];
  return new MediaMetadata({ title: track.title, artist: track.artist, album: track.release, artwork });
}

function tellPosition(session, { position, duration }) {
  if (!session.setPositionState || !duration || position > duration) return;
  session.setPositionState({ duration, position, playbackRate: 1 });
}
