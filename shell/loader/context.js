// What a fragment is given: all that it starts through it ends with the fragment, and what breaks in it is known to be its.

import { boot } from "./boot.js";
import { publish, subscribe } from "./bus.js";
import { host } from "./host.js";
import { run } from "./leaks.js";
import { ENDED, record } from "./life.js";

const MOST_TIMERS = 1000;

// Calls `fn` as a part of that life, as long as it lasts.
export function guard(life, fn) {
  return function (...args) {
    if (life.abort.signal.aborted) return;
    const fail = (error) => error == ENDED || host.broke(error, life);
    try {
      const result = run(life, () => fn.apply(this, args));
      result?.catch?.(fail);
      return result;
    } catch (error) {
      fail(error);
    }
  };
}

// The fragment and its params, of a `src`.
export const asked = (src) => ({ src, params: Object.fromEntries(new URLSearchParams(src.split("?")[1])) });

export function contextOf(life) {
  const { slot, abort } = life;
  const { app, version, fragment } = slot.dataset;
  const { signal } = abort;
  const until = (other) => (other ? AbortSignal.any([signal, other]) : signal);
  return {
    fragment: fragment.split("/")[1],
    base: `${boot.prefix}/app/${app}@${version}`,
    ...asked(slot.getAttribute("src") ?? ""),
    signal,
    ...timers(life),
    listen(target, type, fn, options) {
      const guarded = guard(life, fn);
      const all = typeof options == "object" ? options : { capture: !!options };
      EventTarget.prototype.addEventListener.call(target, type, guarded, { ...all, signal: until(all.signal) });
      return () => target.removeEventListener(type, guarded, all);
    },
    publish: (topic, value) => signal.aborted || publish(slot, topic, value),
    subscribe: (topic, fn, options) => subscribe(slot, topic, guard(life, fn), { ...options, signal: until(options?.signal) }),
    fetch: (url, options) => fetch(url, { ...options, signal: until(options?.signal) }),
    unsaved: (is) => void (record(slot).dirty = !!is),
  };
}

// Both kinds have one list of ids: https://html.spec.whatwg.org/#dom-cleartimeout
function timers(life) {
  const { signal } = life.abort;
  const ids = new Set();
  const clear = (id) => ids.delete(id) && clearTimeout(id);
  // A timer that is one too many is no longer known by its id; its callback does nothing after the end.
  const know = (id) => (ids.add(id).size > MOST_TIMERS && ids.delete(ids.values().next().value), id);
  signal.addEventListener("abort", () => ids.forEach(clear));
  return {
    setTimeout(fn, ms, ...rest) {
      if (signal.aborted) return 0;
      const id = setTimeout(() => (ids.delete(id), guard(life, fn)(...rest)), ms);
      return know(id);
    },
    setInterval(fn, ms, ...rest) {
      if (signal.aborted) return 0;
      const again = () => (signal.aborted ? clearTimeout(id) : guard(life, fn)(...rest));
      const id = run(undefined, () => setInterval(again, ms));
      return know(id);
    },
    clearTimeout: clear,
    clearInterval: clear,
  };
}
