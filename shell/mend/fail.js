// What becomes of a slot when its fragment has failed, or its content could not be had.

import { afresh } from "./afresh.js";
import { host } from "./lent.js";
import { report } from "./report.js";
import { mayRetry, offer, shows } from "./retry.js";

// A life that never began. What stood in its slot stays, or comes back.
export function fail({ slot, url, phase, before }, error) {
  // One that is merely late may come yet.
  if (phase == "load" && !host.modules.has(url)) afresh(slot, url);
  if (before && (phase == "mount" || !shows(slot))) slot.replaceChildren(...before);
  report(slot, phase, error);
  mayRetry(slot);
  if (!shows(slot)) offer(slot, "This part did not load");
}

// A slot whose new content could not be had: the old would mislead.
export function fallen(slot, error) {
  host.sleep(slot);
  slot.replaceChildren();
  slot.dataset.failed = "load";
  report(slot, "load", error);
  mayRetry(slot);
  offer(slot, "This part did not load");
}
