// Has a broken module started once more, under another address: browsers make each address a module once.

import { host } from "./lent.js";

const MOST_STARTS = 10;

// Who loads the slot's module from now on gets another than that at `url`.
export function afresh(slot, url) {
  const { module } = slot.dataset;
  const number = (host.starts.get(module) ?? 0) + 1;
  if (host.address(slot) != url || number > MOST_STARTS) return;
  host.starts.set(module, number);
  vouch(module, host.address(slot));
}

// The module's integrity counts for its other addresses too.
function vouch(module, url) {
  const maps = [...document.querySelectorAll("script[type=importmap]")].map((map) => JSON.parse(map.textContent).integrity);
  const integrity = Object.assign({}, ...maps)[module];
  if (!integrity) return;
  const { nonce } = document.querySelector("script[data-prefix]");
  const script = document.createElement("script");
  Object.assign(script, { type: "importmap", nonce, textContent: JSON.stringify({ integrity: { [url]: integrity } }) });
  document.head.append(script);
}
