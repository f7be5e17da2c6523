/**
 * Menus: the lists that fold out over a page (`nav details[name]`) fold away by themselves.
 *
 * Takes  presses elsewhere, and Escape.   Gives  them closed; the focus goes back to what opened them.
 */

const OPEN = "nav details[name][open]";

/** Begins to listen. */
export function attachMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll(OPEN)) menu.open = menu.contains(event.target);
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(OPEN);
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}
