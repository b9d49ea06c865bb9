// What the inspector reads from the page: shorter to say here than through bindings. The build puts it in front of the glue.
const look = {
  // ---- slots

  ids: new WeakMap(),
  elements: new Map(),
  last: 0,

  id(slot) {
    let id = look.ids.get(slot);
    if (!id) {
      id = ++look.last;
      look.ids.set(slot, id);
      look.elements.set(id, new WeakRef(slot));
    }
    return id;
  },

  element: (id) => look.elements.get(id)?.deref(),

  page(door, frame) {
    for (const [id, slot] of look.elements) if (!slot.deref()) look.elements.delete(id);
    const slots = [...document.querySelectorAll("fragment-slot")].filter((slot) => slot.dataset.fragment || slot.getAttribute("src"));
    return {
      path: location.pathname,
      requestId: door.boot.requestId ?? "",
      slots: slots.slice(0, 64).map((slot) => look.slot(slot, frame)),
      events: door.events.map(look.event),
      reports: door.reports().map(look.report),
      timing: look.timing(),
    };
  },

  slot(slot, frame) {
    const data = slot.dataset;
    const record = slot.marquetry ?? {};
    const told = look.told(slot);
    const times = record.times ?? {};
    const around = slot.parentElement?.closest("fragment-slot");
    return {
      id: look.id(slot),
      inside: around ? look.id(around) : 0,
      fragment: data.fragment ?? slot.getAttribute("src").split("?")[0],
      app: data.app ?? "",
      version: data.version ?? "",
      owner: record.owner ?? data.owner ?? "",
      src: slot.getAttribute("src") ?? "",
      state: data.state ?? "",
      hydrate: data.hydrate ?? "",
      phase: record.phase ?? "",
      failed: data.failed ?? "",
      live: "live" in data,
      dirty: !!record.dirty,
      source: told.source ?? "",
      took: Number(told.tookMs ?? NaN),
      why: told.why ?? "",
      load: times.load ?? NaN,
      hydrated: times.hydrate ?? NaN,
      mounted: times.mount ?? NaN,
      updated: times.update ?? NaN,
      html: slot.innerHTML.length,
      code: look.weight(data.module) + look.weight(data.wasm),
      failures: (record.failures ?? []).map((each) => `${each.phase ?? "run"}: ${look.words(each)}`),
      leaks: (record.leaks ?? []).map(look.words),
      ...look.place(slot, frame),
    };
  },

  // What came after the slot's start tag was written stands in a comment.
  told(slot) {
    if (slot.dataset.source) return slot.dataset;
    for (const node of slot.childNodes) {
      if (node.nodeType != Node.COMMENT_NODE || !node.data.startsWith("marquetry:told")) continue;
      const all = [...node.data.matchAll(/data-([a-z-]+)="([^"]*)"/g)];
      return Object.fromEntries(all.map(([, name, value]) => [name.replace(/-(.)/g, (_, c) => c.toUpperCase()), value]));
    }
    return {};
  },

  // Slots have no boxes of their own; what they hold has.
  place(slot, frame) {
    const range = document.createRange();
    range.selectNodeContents(slot);
    const box = range.getBoundingClientRect();
    const from = frame.getBoundingClientRect();
    const left = Math.max(box.left, from.left);
    // Not by what the page needs: a frame that is too wide would be a part of that.
    const right = Math.min(box.right, from.left + document.documentElement.clientWidth);
    return { x: left - from.left, y: box.top - from.top, width: Math.max(right - left, 0), height: box.height };
  },

  weight(url) {
    if (!url) return 0;
    const [entry] = performance.getEntriesByName(new URL(url, location).href, "resource");
    return entry ? entry.encodedBodySize : 0;
  },

  words: (value) => (typeof value == "string" ? value : (value?.message ?? JSON.stringify(value) ?? String(value))).slice(0, 500),

  // ---- what happened

  event({ at, topic, value, publisher, from }) {
    return { at, topic, publisher: publisher ?? "", from: from ?? "", value: look.text(value), shape: look.shape(value) };
  },

  text(value) {
    try {
      return (JSON.stringify(value) ?? String(value)).slice(0, 2000);
    } catch {
      return String(value);
    }
  },

  // Names and types alone: what people have typed is not for a diagnosis.
  shape(value) {
    if (Array.isArray(value)) return `[${value.length}]`;
    if (value === null || typeof value != "object") return value === null ? "null" : typeof value;
    const fields = Object.entries(value).slice(0, 20);
    return `{ ${fields.map(([name, field]) => `${name}: ${Array.isArray(field) ? "list" : typeof field}`).join(", ")} }`;
  },

  report(report) {
    const part = (name) => look.words(report[name] ?? "");
    return {
      at: report.time ?? NaN,
      app: part("app"),
      version: part("version"),
      fragment: part("fragment"),
      owner: part("owner"),
      phase: part("phase"),
      message: part("message"),
      stack: String(report.stack ?? "").slice(0, 2000),
      requestId: part("request_id"),
    };
  },

  timing() {
    const [entry] = performance.getEntriesByType("navigation");
    const parts = (entry?.serverTiming ?? []).map(({ name, duration, description }) => ({ name, duration, description }));
    return { first: entry?.responseStart ?? NaN, done: entry?.responseEnd ?? NaN, parts };
  },

  // ---- being told

  // Calls `changed` soon after anything that is shown may be another; ends with what it gives.
  watch(door, host, changed) {
    let due;
    const soon = () => (due ??= setTimeout(() => ((due = undefined), changed()), 100));
    const isOwn = (node) => host.contains(node) || host == node;
    const mutations = new MutationObserver((records) => records.every(({ target }) => isOwn(target)) || soon());
    const attributeFilter = ["src", "data-state", "data-live", "data-failed", "data-version", "data-composition"];
    mutations.observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter });
    const sizes = new ResizeObserver(soon);
    sizes.observe(document.body);
    const abort = new AbortController();
    addEventListener("scroll", soon, { capture: true, passive: true, signal: abort.signal });
    addEventListener("resize", soon, { passive: true, signal: abort.signal });
    door.changed = soon;
    return () => {
      clearTimeout(due);
      door.changed = () => {};
      mutations.disconnect();
      sizes.disconnect();
      abort.abort();
    };
  },

  // ---- the composer

  headers(door, token) {
    const { composition } = door.boot;
    return { ...(composition && { "marquetry-composition": composition }), ...(token && { authorization: `Bearer ${token}` }) };
  },

  async ask(door, token) {
    const url = `${door.boot.prefix}/inspect?path=${encodeURIComponent(location.pathname)}`;
    const signal = AbortSignal.timeout(10_000);
    return look.read(await fetch(url, { headers: look.headers(door, token), cache: "no-store", signal }));
  },

  async choose(door, token, versions) {
    const headers = { "content-type": "application/json", ...look.headers({ boot: {} }, token) };
    const body = JSON.stringify({ versions: versions ? versions.split(" ") : [] });
    const signal = AbortSignal.timeout(10_000);
    await look.read(await fetch(`${door.boot.prefix}/inspect/versions`, { method: "POST", headers, body, signal }));
    location.reload();
  },

  async read(response) {
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    throw new Error(answer.detail ?? `the composer answered ${response.status}`);
  },

  // ---- elements

  dress(place, css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    place.getRootNode().adoptedStyleSheets = [sheet];
    return place.getRootNode().host;
  },

  focus: (place, css) => place.querySelector(css)?.focus({ preventScroll: true }),

  show(id) {
    const slot = look.element(id);
    const target = slot?.querySelector("*") ?? slot;
    target?.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth" });
  },

  copy: (text) => navigator.clipboard.writeText(text),

  save(name, text) {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  },

  time: (ms) => new Date(ms).toISOString(),
  pretty: (json) => JSON.stringify(JSON.parse(json), null, 2),
};
