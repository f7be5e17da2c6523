/**
 * Player: what makes the pages better than they are without JavaScript. This file starts the parts; each says of itself
 * what it takes and gives.
 *
 * Takes  a page as the server made it, with `<aside id="player" hidden>` in it.
 * Gives  one player that goes on from page to page, keys, media keys, results while one writes.
 * Never  fetches anything from another host, nor is needed for anything: every page works without it.
 * Order  memory comes last, as it puts on what was on before, which all others want to hear of.
 */

import { attachButtons } from "./player/buttons.js";
import { Deck } from "./player/deck.js";
import { smallOf } from "./player/formats.js";
import { attachKeyboard } from "./player/keyboard.js";
import { attachMediaSession } from "./player/media-session.js";
import { attachMemory, keepSettings, settings } from "./player/memory.js";
import { attachMenus } from "./player/menus.js";
import { Navigation } from "./player/navigation.js";
import { Panel } from "./player/panel.js";
import { attachSearch } from "./player/search.js";
import { Sound } from "./player/sound.js";
import { attachTabs } from "./player/tabs.js";

function start(place) {
  const sound = new Sound(new Audio());
  const deck = new Deck(sound);
  const options = {
    areKeysOn: settings().areKeysOn !== false,
    setKeys(isOn) {
      options.areKeysOn = isOn;
      keepSettings({ areKeysOn: isOn });
    },
    // Who asked the browser to save data has said it, until they say otherwise here.
    isThrifty: settings().isThrifty ?? navigator.connection?.saveData === true,
    setThrifty(isOn) {
      options.isThrifty = isOn;
      keepSettings({ isThrifty: isOn });
      deck.renew();
    },
  };
  sound.sourcesOf = ({ sources }) => (options.isThrifty ? sources.map(smallOf) : sources);
  new Panel(place, deck, options);
  attachButtons(deck);
  attachKeyboard(deck, options);
  attachMediaSession(deck);
  attachTabs(sound);
  attachMenus();
  attachZoom(deck);
  attachMemory(deck);
  attachSearch(new Navigation(() => !sound.isWanted));
}

// Only the page of a track has such a place: others do not fetch the script.
function attachZoom(deck) {
  let attached = null;
  const look = () => {
    if (!document.querySelector("[data-outline]")) return;
    attached ??= import("./player/zoom.js").then((zoom) => zoom.attachZoom(deck)).catch(() => (attached = null));
  };
  document.addEventListener("sonoteca:page", look);
  look();
}

const place = document.getElementById("player");
if (place) start(place);
