// Finds the slots of the page while it streams in; each is woken when its `data-hydrate` says so.

import { all, know, rendered } from "./life.js";
import { wake } from "./wake.js";

// ---- when

const strategies = {
  load: (slot) => wake(slot),
  idle: (slot) => whenIdle(() => wake(slot)),
  visible(slot) {
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && (watch.disconnect(), wake(slot)),
      { rootMargin: "200px" },
    );
    watch.observe(slot.firstElementChild ?? slot);
  },
  interaction(slot) {
    const events = ["pointerover", "pointerdown", "focusin", "keydown"];
    const once = () => {
      for (const name of events) slot.removeEventListener(name, once);
      wake(slot);
    };
    for (const name of events) slot.addEventListener(name, once, { passive: true });
  },
};

export function whenIdle(task) {
  "requestIdleCallback" in globalThis ? requestIdleCallback(task, { timeout: 2000 }) : setTimeout(task, 1);
}

export function schedule(slot) {
  know(slot);
  if (slot.dataset.state === "fresh") strategies[slot.dataset.hydrate]?.(slot);
}

// ---- while the page streams in

// A slot is whole once the parser has written something behind it. One whose content comes late is pending until the mark
// that ends its content is there.
function whole(slot) {
  const { dataset, lastChild } = slot;
  if (dataset.state === "pending" && lastChild?.data === "marquetry:fresh") {
    lastChild.remove();
    dataset.state = "fresh";
  }
  if (slot.closest("[data-state=pending]")) return false;
  if (document.readyState !== "loading") return true;
  for (let node = slot; node; node = node.parentNode) if (node.nextSibling) return true;
  return false;
}

function scan() {
  for (const slot of all("[data-state]")) if (rendered(slot) === undefined && whole(slot)) schedule(slot);
}

// Calls `then` when the page is whole.
export function find(then) {
  const arrivals = new MutationObserver(scan);
  const settled = () => {
    arrivals.disconnect();
    scan();
    for (const slot of all("[data-state=pending]")) slot.dataset.state = "fallback";
    scan();
    then();
  };
  scan();
  // Not before what else puts late content in place at the end of the page.
  const end = () => setTimeout(settled);
  if (document.readyState !== "loading") return end();
  arrivals.observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", end, { once: true });
}
