// A WASM module that has panicked is used no more: whatever lives of it on the page ends, and begins again in a fresh one.

import { afresh } from "./afresh.js";
import { host } from "./lent.js";
import { mayRetry, offer, retry } from "./retry.js";

// Rust's panics end in a trap; a stack that is full leaves the module broken, too.
export function isTrap(slot, error) {
  return slot.dataset.wasm && (error instanceof WebAssembly.RuntimeError || error instanceof RangeError);
}

export function poison({ slot, url }) {
  afresh(slot, url);
  const broken = [...host.lives.values()].filter((life) => life.url == url);
  for (const life of broken) {
    still(life);
    life.slot.dataset.failed = "run";
    const isRevived = mayRetry(life.slot) && life.slot != slot && !life.slot.marquetry.dirty;
    if (isRevived) retry(life.slot);
    else offer(life.slot, "This part has stopped");
  }
}

// Takes the life out of a slot and leaves what it shows: without listeners, links and forms are the browser's again.
function still(life) {
  const { slot } = life;
  const slots = host.all("", slot);
  const copies = [...slot.childNodes].map((node) => node.cloneNode(true));
  life.isBroken = true;
  host.end(life);
  slot.replaceChildren(...copies);
  // Those in it live on.
  host.all("", slot).forEach((copy, at) => copy.replaceWith(slots[at]));
}
