/**
 * Times: seconds for the eye and for the ear.
 *
 * Takes  seconds, any number.   Gives  text.
 */

/** "3:07", "1:02:09"; nothing below zero. */
export function clock(seconds) {
  const [hours, minutes, rest] = split(seconds);
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** How long something is, as the pages tell it: rounded, where a place in it is cut. */
export function lengthOf(seconds) {
  return clock(Math.max(seconds > 0 ? 1 : 0, Math.round(seconds)));
}

/** "3 minutes 7 seconds", as a screen reader should say it. */
export function spoken(seconds) {
  const [hours, minutes, rest] = split(seconds);
  const counted = (number, unit) => `${number} ${unit}${number === 1 ? "" : "s"}`;
  const said = [];
  if (hours) said.push(counted(hours, "hour"));
  if (minutes) said.push(counted(minutes, "minute"));
  if (rest || !said.length) said.push(counted(rest, "second"));
  return said.join(" ");
}

function split(seconds) {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
}
