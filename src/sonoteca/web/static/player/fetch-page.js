/**
 * Fetch page: a page of this site as a document that is not shown yet.
 *
 * Takes  an address and a signal that ends it.
 * Gives  {document, address (after redirects), isOtherVersion}; null when it is no page of ours.
 * Never  runs anything in it: a parsed document has no scripts that run.
 */

const DEADLINE_MS = 15_000;

/** The page; also a page that says "not found", as it says it in words. */
export async function fetchPage(address, signal) {
  try {
    const ends = AbortSignal.any ? AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]) : signal;
    const answer = await fetch(address, { signal: ends, headers: { Accept: "text/html" } });
    if (answer.status >= 500 || !answer.headers.get("content-type")?.startsWith("text/html")) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("main") || new URL(answer.url).origin !== location.origin) return null;
    const isOtherVersion = scripts(page) !== scripts(document);
    return { document: page, address: withHash(answer.url, address), isOtherVersion };
  } catch {
    return null;
  }
}

// fetch() drops the fragment.
function withHash(arrived, asked) {
  const url = new URL(arrived);
  url.hash = new URL(asked, document.baseURI).hash;
  return url.href;
}

// The addresses change with what is behind them: others mean that the website was upgraded meanwhile.
function scripts(page) {
  return [...page.querySelectorAll("script[src]")].map((one) => one.getAttribute("src")).join(" ");
}
