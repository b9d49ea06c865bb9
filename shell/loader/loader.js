// Finds the slots of a page while it streams in, wakes each when its `data-hydrate` says so, keeps a failure
// inside its slot and reports it; then, after first paint, starts the shell. No dependencies.

const boot = document.querySelector("script[data-prefix]").dataset;
const seen = new WeakSet();
const rendered = new WeakMap(); // slot → the `src` that its content answers
const awake = new Map(); // slot → { module, handle }
const modules = new Map(); // address → promise of the started module
const reported = new Set();

const REPORTS_PER_PAGE = 20;
const TEXT_LIMIT = 2000;

// ---- reports

function report(slot, phase, error) {
  const { app, version, fragment } = slot.dataset;
  const message = String(error?.message ?? error).slice(0, TEXT_LIMIT);
  console.warn(`marquetry: ${fragment} (${app}@${version}) failed to ${phase}: ${message}`);
  const key = `${fragment} ${phase} ${message}`;
  if (reported.has(key) || reported.size >= REPORTS_PER_PAGE) return;
  reported.add(key);
  const stack = String(error?.stack ?? "").slice(0, TEXT_LIMIT);
  const body = { app, version, fragment, phase, message, stack, page: location.pathname, request_id: boot.requestId ?? "" };
  navigator.sendBeacon(boot.report, new Blob([JSON.stringify(body)], { type: "application/json" }));
}

// The server's HTML stays: its links and forms still work.
function fail(slot, phase, error) {
  slot.dataset.failed = phase;
  report(slot, phase, error);
}

// An error that surfaced later is the app's whose module is on its stack.
function blame(error) {
  const stack = String(error?.stack ?? "");
  const owner = [...awake.keys()].find((slot) => stack.includes(slot.dataset.module));
  if (owner) report(owner, "run", error);
}

addEventListener("error", (event) => blame(event.error));
addEventListener("unhandledrejection", (event) => blame(event.reason));

// ---- modules

async function start(url, wasm, integrity) {
  const module = await import(url);
  if (wasm) await module.default({ module_or_path: fetch(wasm, { integrity }) });
  return module;
}

function load(slot) {
  const { module: url, wasm, wasmIntegrity } = slot.dataset;
  let loading = modules.get(url);
  if (!loading) {
    loading = start(url, wasm, wasmIntegrity);
    modules.set(url, loading);
    loading.catch(() => modules.delete(url));
  }
  return loading;
}

// ---- one slot's life

async function wake(slot) {
  const { app, version, fragment, module: url } = slot.dataset;
  if (!url || awake.has(slot)) return;
  const entry = {};
  awake.set(slot, entry);
  let phase = "load";
  try {
    const module = await load(slot);
    if (awake.get(slot) !== entry) return;
    phase = slot.querySelector(":scope > [data-root]")?.firstChild ? "hydrate" : "mount";
    const context = {
      fragment: fragment.split("/")[1],
      base: `${boot.prefix}/app/${app}@${version}`,
      src: slot.getAttribute("src"),
    };
    const handle = await module[phase](slot, context);
    if (awake.get(slot) !== entry) return module.unmount(handle);
    Object.assign(entry, { module, handle });
    slot.dataset.live = "";
  } catch (error) {
    if (awake.get(slot) === entry) awake.delete(slot);
    fail(slot, phase, error);
  }
}

function sleep(root) {
  // The innermost first, and all that are known before: a fragment that unmounts may take the slots in it off the page.
  const ending = [...awake].filter(([slot]) => root.contains(slot)).reverse();
  for (const [slot, { module, handle }] of ending) {
    awake.delete(slot);
    delete slot.dataset.live;
    try {
      module?.unmount(handle);
    } catch (error) {
      report(slot, "unmount", error);
    }
  }
}

// ---- when

const strategies = {
  load: (slot) => wake(slot),
  idle: (slot) => whenIdle(() => wake(slot)),
  visible(slot) {
    const target = slot.firstElementChild ?? slot;
    const watch = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && (watch.disconnect(), wake(slot)),
      { rootMargin: "200px" },
    );
    watch.observe(target);
  },
  interaction(slot) {
    const events = ["pointerover", "pointerdown", "focusin", "keydown"];
    const once = () => {
      for (const name of events) slot.removeEventListener(name, once);
      wake(slot);
    };
    for (const name of events) slot.addEventListener(name, once, { passive: true });
  },
};

function whenIdle(task) {
  "requestIdleCallback" in globalThis ? requestIdleCallback(task, { timeout: 2000 }) : setTimeout(task, 1);
}

function schedule(slot) {
  seen.add(slot);
  rendered.set(slot, slot.getAttribute("src"));
  if (slot.dataset.state === "fresh") strategies[slot.dataset.hydrate]?.(slot);
}

// While the page streams in, a slot is whole once the parser has written something behind it. One whose content comes
// late is pending until the mark that ends its content is there.
function whole(slot) {
  const { dataset, lastChild } = slot;
  if (dataset.state === "pending" && lastChild?.data === "marquetry:fresh") {
    lastChild.remove();
    dataset.state = "fresh";
  }
  if (slot.closest("[data-state=pending]")) return false;
  if (document.readyState !== "loading") return true;
  for (let node = slot; node; node = node.parentNode) if (node.nextSibling) return true;
  return false;
}

const slots = (state) => document.querySelectorAll(`fragment-slot[data-state${state}]`);

function scan() {
  for (const slot of slots("")) {
    if (!seen.has(slot) && whole(slot)) schedule(slot);
  }
}

const arrivals = new MutationObserver(scan);

function settled() {
  arrivals.disconnect();
  scan();
  for (const slot of slots("=pending")) slot.dataset.state = "fallback";
  scan();
  if (boot.shell) requestAnimationFrame(() => whenIdle(startShell));
}

async function startShell() {
  try {
    const shell = await start(boot.shell, boot.shellWasm, boot.shellWasmIntegrity);
    shell.start({ prefix: boot.prefix, schedule, sleep, fail, rendered: (slot) => rendered.get(slot) });
  } catch (error) {
    console.warn("marquetry: the shell could not start", error);
  }
}

if (boot.inspector) import(boot.inspector).then((door) => door.start());

scan();
// Not before what else puts late content in place at the end of the page.
const end = () => setTimeout(settled);
if (document.readyState === "loading") {
  arrivals.observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", end, { once: true });
} else {
  end();
}
