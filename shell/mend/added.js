// What scripts did to the page: fragments whose slots are gone end; slots that live fragments have added are the shell's to fill.

import { host } from "./lent.js";
import { report } from "./report.js";

const MOST_SLOTS = 64;
const MOST_DEPTH = 5;

const TOO_MANY = `has slots more than ${MOST_DEPTH} deep, or more than ${MOST_SLOTS} on the page`;

export function watchSlots() {
  new MutationObserver(follow).observe(document.body, { childList: true, subtree: true });
  follow([{ addedNodes: [document.body] }]);
}

function follow(records) {
  for (const { slot } of [...host.lives.values()]) if (!slot.isConnected) host.sleep(slot);
  for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
    if (node.isConnected && node.matches) for (const slot of [node, ...host.all("", node)]) add(slot);
  }
}

// Only what is a fragment's own: slots that came as text are known when it begins.
function add(slot) {
  if (!slot.matches("fragment-slot[src]") || host.rendered(slot) !== undefined) return;
  const around = slot.parentElement.closest("fragment-slot");
  if (!host.lives.get(around)?.before) return;
  let depth = 1;
  for (let each = around; each; each = each.parentElement.closest("fragment-slot")) depth += 1;
  const taken = host.all("").filter((each) => host.rendered(each) !== undefined);
  const isTooMany = depth > MOST_DEPTH || taken.length >= MOST_SLOTS;
  host.know(slot, isTooMany ? undefined : "");
  if (isTooMany) return report(around, "load", new RangeError(TOO_MANY));
  slot.setAttribute("src", slot.getAttribute("src"));
}
