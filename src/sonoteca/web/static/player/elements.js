/**
 * Elements: the page's building blocks, made by the DOM's own calls.
 *
 * Takes  names, attributes and text.   Gives  elements.
 * Never  parses HTML from a string: a title from outside is text and stays text. Nor sets a style attribute, which the
 *        site's Content-Security-Policy forbids.
 */

const SVG = "http://www.w3.org/2000/svg";

// Shapes in a square of 24 by 24.
const LOUDSPEAKER = "M3 9v6h4l5 4.5v-15L7 9z";
const SHAPES = {
  play: "M7 4.2v15.6a.6.6 0 0 0 .9.5l12.4-7.8a.6.6 0 0 0 0-1L7.9 3.7a.6.6 0 0 0-.9.5z",
  pause: "M6 4h4.2v16H6zM13.8 4H18v16h-4.2z",
  previous: "M4.5 5H7v14H4.5zM19.5 5.6v12.8a.6.6 0 0 1-.9.5L9 12.5a.6.6 0 0 1 0-1l9.6-6.4a.6.6 0 0 1 .9.5z",
  next: "M17 5h2.5v14H17zM4.5 5.6v12.8a.6.6 0 0 0 .9.5l9.6-6.4a.6.6 0 0 0 0-1L5.4 5.1a.6.6 0 0 0-.9.5z",
  more: "M4 5.5h16v2H4zM4 11h16v2H4zM4 16.5h10v2H4z",
  close: "m6.4 5 5.6 5.6L17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
  loud: `${LOUDSPEAKER}M14.5 8.2v2a2 2 0 0 1 0 3.6v2a4 4 0 0 0 0-7.6zM14.5 4.2v2a6 6 0 0 1 0 11.6v2a8 8 0 0 0 0-15.6z`,
  silent: `${LOUDSPEAKER}M20.6 8 18 10.6 15.4 8 14 9.4l2.6 2.6-2.6 2.6 1.4 1.4 2.6-2.6 2.6 2.6 1.4-1.4-2.6-2.6L22 9.4z`,
};

/** An element with attributes (false, null and undefined leave one out, true sets it empty) and children. */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
export function drawing(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** A picture that says nothing to a screen reader: the button around it has the words. */
export function icon(name) {
  const shape = drawing("path", { d: SHAPES[name] });
  return drawing("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" }, shape);
}

/** Another shape for an icon that stands there already. */
export function reshape(made, name) {
  made.firstElementChild.setAttribute("d", SHAPES[name]);
}

/** A button that is a picture, with its name in words. */
export function iconButton(name, words, attributes = {}) {
  return element("button", { type: "button", "aria-label": words, title: words, ...attributes }, icon(name));
}

/** Sets an attribute only when it differs: screen readers tell every setting as news. */
export function setAttribute(made, name, value) {
  if (made.getAttribute(name) !== value) made.setAttribute(name, value);
}

/** Sets the text only when it differs. */
export function setText(made, text) {
  if (made.textContent !== text) made.textContent = text;
}
