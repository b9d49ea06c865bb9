// What the loader lends to `mend.js`, which is loaded when something breaks, or before the shell: that adds what the shell needs.

import { boot } from "./boot.js";

const MOST_WAITING = 50;

let mending;
const errors = [];

export const host = {
  prefix: boot.prefix,
  // Takes an error, with the life in which it came if that is known.
  broke(...what) {
    if (errors.length < MOST_WAITING) errors.push(what);
    mend();
  },
};

export function mend() {
  mending ??= import(boot.mend).then((module) => {
    module.start(host);
    for (const what of errors.splice(0)) host.broke(...what);
  });
  mending.catch((error) => {
    console.error("marquetry: broken, and that can't be told", ...errors, error);
    mending = undefined;
  });
  return mending;
}
