/**
 * Formats: which of the files that hold the same sound this browser can play.
 *
 * Takes  an audio element and addresses, the one that was made first.
 * Gives  those that it plays, the surest first.
 */

// By the ending of the address. Copies for listening are Opus in three wrappings; where the licence allows no copies,
// the original itself is played.
const TYPES = {
  opus: 'audio/ogg; codecs="opus"',
  webm: 'audio/webm; codecs="opus"',
  mp4: 'audio/mp4; codecs="opus"',
  ogg: "audio/ogg",
  oga: "audio/ogg",
  mp3: "audio/mpeg",
  flac: "audio/flac",
  wav: "audio/wav",
  m4a: "audio/mp4",
  aac: "audio/aac",
};
const SURENESS = { probably: 0, maybe: 1 };

/** The addresses of a track in the order in which this browser should try them; what it cannot play is left out. */
export function playable(audio, sources) {
  const known = sources.map((address) => [address, SURENESS[audio.canPlayType(typeOf(address))]]);
  const usable = known.filter(([, sureness]) => sureness !== undefined);
  return usable.sort((one, other) => one[1] - other[1]).map(([address]) => address);
}

/** The small copy of the same sound. Where there is none, the website gives the usual one at this address. */
export function smallOf(address) {
  return address.replace(/^\/stream\/(?!low\/)/, "/stream/low/");
}

function typeOf(address) {
  const ending = new URL(address, location.href).pathname.split(".").at(-1).toLowerCase();
  return TYPES[ending] ?? "";
}
