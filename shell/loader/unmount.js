// Ends fragments' lives: their own `unmount`, then all that they have through their context, then what they forgot.

import { host } from "./host.js";
import { run, sweep } from "./leaks.js";
import { ENDED, lives, record } from "./life.js";
import { step } from "./step.js";

// Ends all lives in `root`.
export function sleep(root) {
  // The innermost first, and all that are known before: a fragment that unmounts may take the slots in it off the page.
  const ending = [...lives.values()].filter(({ slot }) => root.contains(slot));
  ending.reverse().forEach(end);
}

export function end(life) {
  const { slot, module, handle, abort } = life;
  lives.delete(slot);
  delete slot.dataset.live;
  const unmounted = life.isLive && step(slot, "unmount", () => run(life, () => module.unmount(handle)));
  record(slot).phase = "ended";
  abort.abort(ENDED);
  if (!unmounted) return sweep(life);
  unmounted.catch((error) => host.broke(error, life, "unmount")).then(() => sweep(life));
}
