// What is done when something breaks in a fragment, and when its slot changes: loaded by the loader before the shell, or when
// the first error comes.

import { near, owner, watch } from "./blame.js";
import { fail, fallen } from "./fail.js";
import { lend } from "./lent.js";
import { isTrap, poison } from "./poison.js";
import { report, reports } from "./report.js";
import { renew } from "./update.js";
import { watchSlots } from "./added.js";

const BEGINNING = ["load", "hydrate", "mount"];

export function start(host) {
  lend(host);
  Object.assign(host, { broke, fallen, near, renew, report, reports });
  watch();
  watchSlots();

  // A trap says nothing, its panic does.
  function told(slot, error) {
    if (!host.panic || !isTrap(slot, error)) return error;
    const { message } = host.panic;
    host.panic = undefined;
    return { message, stack: error.stack };
  }

  function broke(error, life = owner(error), phase = "run") {
    if (!life) return;
    const { slot } = life;
    const said = told(slot, error);
    if (BEGINNING.includes(phase)) fail(life, said);
    else if (!life.isBroken) report(slot, phase, said);
    if (isTrap(slot, error)) poison(life);
  }
}
