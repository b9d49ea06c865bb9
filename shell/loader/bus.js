// Events of fragments go through the shell's bus; until that is there they wait.

import { run } from "./leaks.js";

const MOST_EVENTS = 100;

let bus;
let queue = [];

// Without a shell: whoever listens hears.
export const plain = {
  publish: (slot, topic, detail) => document.dispatchEvent(new CustomEvent(topic, { detail })),
  subscribe: (slot, topic, fn, { signal }) => document.addEventListener(topic, ({ detail }) => fn(detail), { signal }),
};

// From now on events go through `to`.
export function connect(to) {
  bus = to;
  for (const act of queue.splice(0)) act();
}

function pass(name, ...args) {
  // What a fragment's call sets off in others is not its own.
  const act = () => run(undefined, () => bus[name](...args));
  if (bus) return act();
  if (queue.push(act) > MOST_EVENTS) throw new RangeError(`more than ${MOST_EVENTS} events wait for the shell`);
}

export const publish = (...args) => pass("publish", ...args);
export const subscribe = (...args) => pass("subscribe", ...args);
