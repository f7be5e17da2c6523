/**
 * Trouble: why a recording does not play, in words that help.
 *
 * Takes  what the audio element said, and the address it failed on.
 * Gives  a sentence: what happened and what to do.
 */

const BY_STATUS = {
  403: "This recording may not be played here.",
  404: "This recording is not here any more.",
  410: "This recording has been withdrawn.",
  451: "This recording has been withdrawn for legal reasons.",
};
const DECODE = 3;

/** Nothing that the archive has of this track is known to this browser. */
export const NO_FORMAT = "This browser plays none of the formats in which this recording is here. Download the file.";

/** The machine has nothing to sound with. */
export const NO_LOUDSPEAKER = "The browser found no loudspeaker. Plug one in or switch it on, then try again.";

/** Whether an error is the loudspeaker's: no other format would help. Only Firefox says so. */
export function isDeaf(error) {
  return error.message.includes("MediaSinkAudioError");
}

/** Why the address could not be played. `code` is MediaError's; the archive is asked, as the element hides it. */
export async function explain(code, address) {
  if (navigator.onLine === false) return "You are offline. The recording goes on when the connection is back.";
  let answer;
  try {
    answer = await fetch(address, { method: "HEAD", cache: "no-store" });
  } catch {
    return "The archive could not be reached. Check the connection, then try again.";
  }
  if (BY_STATUS[answer.status]) return BY_STATUS[answer.status];
  if (answer.status >= 500) return "The archive has trouble of its own. Try again in a moment.";
  if (code === DECODE) return "This browser stumbled over the sound. Try again, or download the file.";
  return "The sound stopped arriving. Try again.";
}
