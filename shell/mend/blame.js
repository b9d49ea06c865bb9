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

// The life whose module is uppermost on the stack, or else where it happened. Where the stack is too deep to show a module, its
// WASM counts; not before, as a browser gives the same WASM of two modules one address.
export function owner(error) {
  const stack = String(error?.stack ?? "");
  const inModule = ({ url }) => stack.indexOf(`${url}:`);
  const inWasm = ({ slot: { dataset } }) => (dataset.wasm && !stack.includes(dataset.module) ? stack.indexOf(dataset.wasm) : -1);
  return uppermost(inModule) ?? uppermost(inWasm) ?? near();
}

function uppermost(place) {
  const last = touched();
  let found;
  let first = Infinity;
  for (const life of host.lives.values()) {
    const at = place(life);
    // Of several fragments of the module most likely that in which somebody has just done something.
    if (at < 0 || at > first || (at == first && life != last)) continue;
    [found, first] = [life, at];
  }
  return found;
}
