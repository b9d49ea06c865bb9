// A fragment's life in the browser: finds the slots of a page while it streams in, wakes each when it should, and keeps a
// failure inside its slot; then, after first paint, starts the shell. No dependencies.

import { boot } from "./boot.js";
import { connect, plain } from "./bus.js";
import { asked } from "./context.js";
import { host, mend } from "./host.js";
import { run, running } from "./leaks.js";
import { ENDED, all, isOver, know, lives, record, rendered } from "./life.js";
import { address, modules, start, starts } from "./load.js";
import { find, schedule, whenIdle } from "./slots.js";
import { step } from "./step.js";
import { end, sleep } from "./unmount.js";
import { wake } from "./wake.js";

Object.assign(host, { schedule, sleep, rendered, connect, lives, record, all, know, isOver, run, running });
Object.assign(host, { boot, address, asked, modules, starts, step, end, wake });

addEventListener("error", ({ error, message }) => host.broke(error ?? message));
addEventListener("unhandledrejection", (event) => (event.reason == ENDED ? event.preventDefault() : host.broke(event.reason)));

// What a module that panics tells just before its trap, and doesn't know: which of its fragments it is.
document.addEventListener("marquetry:panic", ({ detail }) => {
  host.panic = detail;
  const { slot } = running() ?? host.near?.() ?? {};
  if (slot) detail.who = `${slot.dataset.fragment} (${slot.dataset.app}@${slot.dataset.version})`;
});

if (boot.inspector) import(boot.inspector).then((door) => door.start(host));

async function startShell() {
  try {
    await mend();
    const shell = await start(boot.shell, boot.shellWasm, boot.shellWasmIntegrity);
    host.hasShell = true;
    shell.start(host);
  } catch (error) {
    console.warn("marquetry: the shell could not start", error);
    host.hasShell = false;
    connect(plain);
  }
}

find(() => requestAnimationFrame(() => whenIdle(startShell)));
