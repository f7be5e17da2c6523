/**
 * Navigation: goes from page to page without letting go of the sound.
 *
 * Takes  clicks on links, forms that ask (GET), back and forward.
 * Gives  the new page's <main> and <title> in place of the old ones, the address, the scroll position, the event
 *        "sonoteca:page"; a screen reader hears the title.
 * Never  keeps a person from a page: whatever goes wrong, the browser loads it as it always did.
 */

import { announce } from "./announce.js";
import { asksForPage, formAddress, isSamePage, pageAddress } from "./addresses.js";
import { fetchPage } from "./fetch-page.js";
import { keepAround, replaceAll } from "./replace.js";

export class Navigation {
  #entry = history.state?.entry ?? newName();
  #address = location.href;
  #running = null;

  /** Takes over from the browser. `mayReload()` says whether a full load would disturb nobody. */
  constructor(mayReload) {
    this.mayReload = mayReload;
    history.scrollRestoration = "manual";
    history.replaceState({ ...history.state, entry: this.#entry }, "");
    this.#restoreScroll();
    document.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("submit", (event) => this.#submit(event));
    addEventListener("popstate", (event) => this.#popped(event));
    addEventListener("scroll", () => this.#rememberScroll(), { passive: true });
  }

  /** Goes to an address of this site. `replace`: without a new entry in the history; `keep`: a field to leave alone. */
  async go(address, { replace = false, keep = null } = {}) {
    const page = await this.#fetch(address);
    if (!page) return;
    if (replace) history.replaceState({ entry: this.#entry }, "", page.address);
    else this.#push(page.address);
    this.#show(page, keep);
    if (!keep) this.#arrive(page.address);
  }

  #click(event) {
    const link = event.target.closest?.("a[href]");
    const address = link && asksForPage(event, link) ? pageAddress(link.href) : null;
    if (!address || isSamePage(address)) return;
    event.preventDefault();
    this.go(address);
  }

  #submit(event) {
    const address = event.defaultPrevented ? null : formAddress(event.target, event.submitter);
    if (!address) return;
    event.preventDefault();
    this.go(address);
  }

  async #popped(event) {
    const from = new URL(this.#address);
    this.#entry = event.state?.entry ?? newName();
    // A link within a page made this entry, without us.
    if (!event.state?.entry) history.replaceState({ entry: this.#entry }, "");
    this.#address = location.href;
    if (from.pathname + from.search === location.pathname + location.search) return this.#restoreScroll();
    const page = await this.#fetch(location.href);
    if (!page) return;
    this.#show(page, null);
    this.#restoreScroll();
  }

  // Null: another navigation has overtaken this one, or the browser loads the page by itself.
  async #fetch(address) {
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    document.documentElement.classList.add("is-going");
    const page = await fetchPage(address, running.signal);
    if (this.#running !== running) return null;
    this.#running = null;
    document.documentElement.classList.remove("is-going");
    if (page && !(page.isOtherVersion && this.mayReload())) return page;
    location.assign(address);
    return null;
  }

  #push(address) {
    this.#entry = newName();
    history.pushState({ entry: this.#entry }, "", address);
  }

  #show(page, keep) {
    this.#address = location.href;
    if (keep) keepAround(page.document, keep);
    else replaceAll(page.document);
    document.dispatchEvent(new CustomEvent("sonoteca:page"));
    announce(keep ? resultWords() : document.title);
  }

  // Where a fresh page begins for eye, keyboard and ear.
  #arrive(address) {
    const { hash } = new URL(address, location.href);
    const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (target) target.scrollIntoView();
    else scrollTo(0, 0);
    focusMain();
  }

  #rememberScroll() {
    try {
      sessionStorage.setItem(`sonoteca.scroll.${this.#entry}`, String(Math.round(scrollY)));
    } catch {
      // Full or forbidden: the page then begins at its top.
    }
  }

  #restoreScroll() {
    let kept = null;
    try {
      kept = sessionStorage.getItem(`sonoteca.scroll.${this.#entry}`);
    } catch {
      // Forbidden.
    }
    if (kept !== null) scrollTo(0, Number(kept) || 0);
  }
}

// Not crypto.randomUUID(), which browsers keep from sites without TLS, as an archive on somebody's own network is.
function newName() {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}

function focusMain() {
  const main = document.querySelector("main");
  main.tabIndex = -1;
  main.focus({ preventScroll: true });
}

// What a search found, as the page says it.
function resultWords() {
  return document.querySelector("main [role=status]")?.textContent.trim() || document.title;
}
