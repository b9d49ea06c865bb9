// Brings a fragment to life in its slot: load, then hydrate what the server sent, or mount where that is nothing.

import { contextOf } from "./context.js";
import { host } from "./host.js";
import { run, sweep } from "./leaks.js";
import { ENDED, all, isOver, know, lives, record } from "./life.js";
import { address, load } from "./load.js";
import { step } from "./step.js";

export async function wake(slot) {
  if (!slot.dataset.module || lives.has(slot)) return;
  const life = { slot, url: address(slot), abort: new AbortController(), phase: "load" };
  life.context = contextOf(life);
  lives.set(slot, life);
  try {
    // What comes late is welcome as long as the server's content stands.
    const late = () => slot.dataset.failed == "load" && slot.isConnected && wake(slot);
    life.module = await step(slot, "load", () => load(slot), late);
    if (!isOver(life)) await begin(life);
  } catch (error) {
    giveUp(life, error);
  }
}

async function begin(life) {
  const { slot, module, context } = life;
  const phase = (slot.querySelector(":scope > [data-root]") ?? slot).hasChildNodes() ? "hydrate" : "mount";
  Object.assign(life, { phase, before: [...slot.childNodes] });
  // Slots that came as text, and that the composer left as they are, aren't the fragment's own.
  for (const each of all(":not([data-state])", slot)) know(each);
  const unmount = (handle) => module.unmount(handle);
  const handle = await step(slot, phase, () => run(life, () => module[phase](slot, context)), unmount);
  if (isOver(life)) return unmount(handle);
  Object.assign(life, { handle, isLive: true });
  delete slot.dataset.failed;
  slot.dataset.live = "";
  record(slot).phase = "live";
}

// The server's content stays: its links and forms work.
function giveUp(life, error) {
  const { slot, phase } = life;
  if (isOver(life)) return;
  lives.delete(slot);
  life.isBroken = true;
  life.abort.abort(ENDED);
  sweep(life);
  slot.dataset.failed = phase;
  record(slot).phase = "failed";
  host.broke(error, life, phase);
}
