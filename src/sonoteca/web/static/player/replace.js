/**
 * Replace: puts a fetched page in place of the one that is shown.
 *
 * Takes  the fetched document.   Gives  its <main>, header, footer, title and language in this one.
 * Never  brings what is meant for browsers without JavaScript: in a parsed document <noscript> holds real elements,
 *        here it would be a hidden audio element a track.
 */

const HEAD = "link:is([rel=canonical], [rel=alternate], [rel=prev], [rel=next]), meta[name]:not([name=viewport])";

/** All of the page but the player. */
export function replaceAll(page) {
  const main = arriving(page);
  document.querySelector("main").replaceWith(document.adoptNode(main));
  shareHead(page);
  shareEdges(page);
}

/** All of <main> except one field and what it stands in, so that somebody can go on writing. */
export function keepAround(page, field) {
  const main = document.querySelector("main");
  const other = arriving(page);
  const twin = main.contains(field) ? twinOf(other, field) : null;
  if (twin) keepWithin(main, other, field, twin);
  else main.replaceWith(document.adoptNode(other));
  shareHead(page);
}

function arriving(page) {
  const main = page.querySelector("main");
  for (const one of main.querySelectorAll("noscript, script")) one.remove();
  return main;
}

function twinOf(main, field) {
  const named = [...main.querySelectorAll(field.localName)].filter((one) => one.name === field.name);
  return named.find((one) => one.id === field.id) ?? named[0] ?? null;
}

// From the outside in: what stands before and after the branch with the field is exchanged, the branch itself stays.
function keepWithin(old, other, field, twin) {
  if (old === field || other === twin) return;
  const [stays, its] = [branch(old, field), branch(other, twin)];
  while (old.firstChild !== stays) old.firstChild.remove();
  while (old.lastChild !== stays) old.lastChild.remove();
  while (other.firstChild !== its) old.insertBefore(document.adoptNode(other.firstChild), stays);
  while (its.nextSibling) old.append(document.adoptNode(its.nextSibling));
  keepWithin(stays, its, field, twin);
}

function branch(above, below) {
  return [...above.childNodes].find((one) => one.contains(below));
}

function shareHead(page) {
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang || document.documentElement.lang;
  document.body.className = page.body.className;
  for (const one of document.head.querySelectorAll(HEAD)) one.remove();
  for (const one of page.head.querySelectorAll(HEAD)) document.head.append(document.adoptNode(one));
}

// Header and footer: which link is the page that is shown, whether there is a search box.
function shareEdges(page) {
  for (const edge of ["body > header", "body > footer"]) {
    const [old, other] = [document.querySelector(edge), page.querySelector(edge)];
    if (old && other && old.outerHTML !== other.outerHTML) old.replaceWith(document.adoptNode(other));
  }
}
