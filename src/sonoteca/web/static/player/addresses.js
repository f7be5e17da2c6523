/**
 * Addresses: which of them are pages of this site.
 *
 * Takes  links and forms.   Gives  the address of a page, or null: then the browser does what it always does.
 */

// What is fetched, played or drawn, not read.
const NO_PAGES = /^\/(file|stream|zip|cover|waveform|static)\/|\.(torrent|zip|xml|txt|json|csv|opus|flac|svg|ico)$/;

/** An address of this site that is a page; null for all else. */
export function pageAddress(address) {
  const url = new URL(address, document.baseURI);
  return url.origin === location.origin && !NO_PAGES.test(url.pathname) ? url.href : null;
}

/** Whether only the place within the page that is shown differs. */
export function isSamePage(address) {
  const url = new URL(address);
  return Boolean(url.hash) && url.pathname === location.pathname && url.search === location.search;
}

/** Whether a click wants the link's page here and now: not a new tab, not a download. */
export function asksForPage(event, link) {
  const isPlain = event.button === 0 && !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);
  const isHere = !link.target || link.target === "_self";
  return isPlain && isHere && !event.defaultPrevented && !link.hasAttribute("download");
}

/** Where a form that asks would lead; empty fields are left out. Null for forms that change something. */
export function formAddress(form, submitter) {
  const method = (submitter?.getAttribute("formmethod") ?? form.method).toLowerCase();
  if (method !== "get" || (form.target && form.target !== "_self")) return null;
  const url = new URL(submitter?.getAttribute("formaction") ?? form.action, document.baseURI);
  const asked = [...new FormData(form, submitter)].filter(([, value]) => typeof value === "string" && value !== "");
  url.search = new URLSearchParams(asked).toString();
  url.hash = "";
  return pageAddress(url.href);
}
