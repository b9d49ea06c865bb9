// Finds out whose an error is that surfaced later.

import { host } from "./lent.js";

const ACTS = "click dblclick submit input change keydown keyup pointerdown pointerup focusin focusout";

let act; // the last that somebody did

export function watch() {
  for (const name of ACTS.split(" ")) addEventListener(name, (event) => (act = event), { capture: true, passive: true });
}

const touched = () => host.lives.get(act?.target.closest?.("fragment-slot"));

// The life in whose slot something is being done right now.
export const near = () => (act?.eventPhase ? touched() : undefined);

// The life whose module is uppermost on the stack, or else where it happened.
export function owner(error) {
  const stack = String(error?.stack ?? "");
  const last = touched();
  let found;
  let first = Infinity;
  for (const life of host.lives.values()) {
    const { module, wasm } = life.slot.dataset;
    const at = stack.indexOf(stack.includes(module) ? `${life.url}:` : wasm);
    // Of several fragments of the module most likely that in which somebody has just done something.
    if (at < 0 || at > first || (at == first && life != last)) continue;
    [found, first] = [life, at];
  }
  return found ?? near();
}
