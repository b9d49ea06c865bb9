// Knows what a fragment does past its context while it is called: listeners of window and document, intervals, elements in
// the body. What of it outlives the fragment is a leak: it is taken away, and told.

import { host } from "./host.js";
import { record } from "./life.js";

const MOST_THINGS = 1000;

let current; // the life whose code runs
let things = []; // { life, what, is, end }, and what they are found by
let elements;

export const running = () => current;

// Calls a fragment's code; with no life, others' code in between.
export function run(life, act) {
  const outer = current;
  settle();
  current = life;
  try {
    return act();
  } finally {
    settle();
    current = outer;
  }
}

export function sweep(life) {
  const left = things.filter((thing) => thing.life == life && thing.is());
  things = things.filter((thing) => thing.life != life);
  const names = left.map((thing) => (thing.end(), thing.what));
  if (!names[0] || life.isBroken) return;
  record(life.slot).leaks.push(...names);
  host.broke(names.join(", "), life, "leak");
}

function note(thing) {
  if (current && things.push({ life: current, is: () => true, ...thing }) > MOST_THINGS) things.shift();
}

function settle() {
  if (!elements) {
    elements = new MutationObserver(() => {});
    elements.observe(document.body, { childList: true });
  }
  for (const node of elements.takeRecords().flatMap(({ addedNodes }) => [...addedNodes])) {
    note({ what: `${node.nodeName} in the body`, is: () => node.isConnected, end: () => node.remove() });
  }
}

// Replaces a function of `target` by one that also does `also`.
function watch(target, name, also) {
  const own = target[name];
  target[name] = (...args) => {
    const result = own.apply(target, args);
    also(args, result);
    return result;
  };
  return own;
}

const capture = (options) => !!(options?.capture ?? options);

for (const target of [window, document]) {
  const remove = target.removeEventListener;
  watch(target, "addEventListener", (args) => {
    const [type, fn, options] = args;
    const is = () => fn && !options?.once && !options?.signal?.aborted;
    note({ what: `${type} listener`, is, end: () => remove.apply(target, args), target, args });
  });
  watch(target, "removeEventListener", ([type, fn, options]) => {
    const same = ({ args = [] }) => args[0] == type && args[1] == fn && capture(args[2]) == capture(options);
    things = things.filter((thing) => thing.target != target || !same(thing));
  });
}
const clear = watch(window, "clearInterval", ([id]) => (things = things.filter((thing) => !id || thing.id != id)));
watch(window, "setInterval", (args, id) => note({ what: "interval", end: () => clear(id), id }));
