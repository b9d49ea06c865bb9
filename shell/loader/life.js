// What is known of the slots: the life in each, and the record of it that outlives it.

// slot → the life in it, from its load on: { slot, url, abort, context, phase, module, handle, isLive, before }
export const lives = new Map();

export const isOver = (life) => lives.get(life.slot) != life;

// Why what belonged to a fragment has ended.
export const ENDED = new DOMException("the fragment has been unmounted", "AbortError");

const shown = new WeakMap(); // slot → the `src` that its content answers

export const rendered = (slot) => shown.get(slot);
export const know = (slot, src = slot.getAttribute("src")) => shown.set(slot, src);
export const all = (rest, root = document) => [...root.querySelectorAll("fragment-slot" + rest)];

// On the slot, for the inspector, and for who asks whether something is unsaved.
export function record(slot) {
  const { fragment = slot.getAttribute("src").split("?")[0], version = "", owner } = slot.dataset;
  slot.marquetry ??= { times: {}, failures: [], leaks: [] };
  return Object.assign(slot.marquetry, { app: fragment.split("/")[0], version, fragment, owner });
}
