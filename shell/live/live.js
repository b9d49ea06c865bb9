// Live events from the server: one stream for all tabs of a browser where that can be. A shared worker holds it, this file once
// more; without those one tab does for all; without locks each tab for itself.

const SILENCE_MS = 40_000; // The server sends a beat every 15 s.
const LONGEST_PAUSE_MS = 30_000;
const MOST_KEPT = 200;
const NAME = "marquetry-live";

// ---- the stream

// Listens at `url` to all topics that were ever wanted; `tell` gets each event as `{ type, data, id }`.
function listen(url, tell, after = "") {
  const topics = new Set();
  const fresh = new Map(); // topic → since when, of those that the stream hasn't told of yet
  const kept = []; // what was told last, for tabs that come later
  let source, timer, failures = 0;

  function open() {
    close();
    const age = Math.ceil(Date.now() - Math.min(Date.now(), ...fresh.values()));
    source = new EventSource(`${url}?${new URLSearchParams({ topics: [...topics], after, fresh: [...fresh.keys()], age })}`);
    for (const type of ["marquetry:at", "marquetry:reset", "marquetry:released", ...topics]) source.addEventListener(type, hear);
    source.onerror = again;
    wait(SILENCE_MS, open);
  }
  function close() {
    clearTimeout(timer);
    source?.close();
  }
  function wait(ms, act) {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  }
  // The browser's own way to come back would ask for what was asked for at first, and give up at a refusal.
  function again() {
    source.close();
    wait(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures++) * (0.5 + Math.random()), open);
  }
  function hear({ type, data, lastEventId }) {
    failures = 0;
    wait(SILENCE_MS, open);
    if (lastEventId) {
      after = lastEventId;
      fresh.clear();
    }
    const event = { type, data, id: after };
    if (type == "marquetry:released") kept.released = event;
    else if (type != "marquetry:at" && kept.push({ ...event, at: Date.now() }) > MOST_KEPT) kept.shift();
    tell(event);
  }

  return {
    close,
    // For a page that was made at `since`: what it missed goes to `reply`. A tab asks again for a page that it goes on to.
    want({ topics: wanted, since, isAgain }, reply) {
      const more = wanted.filter((topic) => !topics.has(topic));
      for (const topic of more) topics.add(topic), fresh.set(topic, since);
      if (kept.released && !isAgain) reply(kept.released);
      if (!isAgain) kept.filter(({ at, type }) => at >= since && !more.includes(type)).forEach(reply);
      if (more[0] || !source) open();
    },
  };
}

// ---- the worker

if ("onconnect" in globalThis) {
  const ports = new Set();
  let stream;
  onconnect = ({ ports: [port] }) => {
    port.onmessage = ({ data }) => {
      const { url } = data;
      if (!url) ports.delete(port);
      if (!ports.size && !url) stream = stream?.close();
      if (!url) return;
      ports.add(port);
      stream ??= listen(url, (event) => ports.forEach((each) => each.postMessage(event)));
      stream.want(data, (event) => port.postMessage(event));
    };
  };
}

// ---- a tab

let page; // What the page wants that is shown.
let ask; // Asks for it, of whoever holds the stream.
let told;

// Tells the page's fragments what they want to hear, from now on.
export function follow(wanted) {
  const isAgain = !!page;
  const isMore = !page || wanted.topics.some((topic) => !page.topics.includes(topic));
  page = wanted;
  ask ??= connect();
  if (isMore) ask({ ...question(), isAgain });
  since = Date.now();
}

// A page that the browser has kept is as old as when it was last shown.
let since = performance.timeOrigin;
const question = () => ({ url: page.url, topics: page.topics, since });

function connect() {
  if (!globalThis.SharedWorker) return lead();
  const worker = new SharedWorker(import.meta.url, { type: "module", name: NAME });
  worker.port.onmessage = ({ data }) => hear(data);
  // Where the browser refuses it, one tab does it.
  worker.onerror = () => (ask = lead())(question());
  worker.port.start();
  addEventListener("pagehide", () => ((since = Date.now()), worker.port.postMessage({})));
  addEventListener("pageshow", ({ persisted }) => persisted && ask(question()));
  return (what) => worker.port.postMessage(what);
}

function lead() {
  let stream, after, others;
  const tell = (event) => (hear(event), others?.postMessage({ event }));
  const want = (what, reply) => (stream ??= listen(what.url, tell, after)).want(what, reply);
  if (!navigator.locks) return (what) => want(what, hear);
  others = new BroadcastChannel(NAME);
  others.onmessage = ({ data: { event, what, isLed } }) => {
    if (event) (after = event.id), stream || hear(event);
    if (what && stream) want(what, tell);
    if (isLed && page) others.postMessage({ what: question() });
  };
  navigator.locks.request(NAME, () => {
    want(question(), hear);
    others.postMessage({ isLed: true });
    return new Promise(() => {});
  });
  return (what) => (stream ? want(what, hear) : others.postMessage({ what }));
}

function hear({ type, data }) {
  if (type == "marquetry:at") return;
  const value = JSON.parse(data);
  if (type == "marquetry:released") return release(value);
  if (type == "marquetry:reset" || page.topics.includes(type)) page.tell(type, value);
}

// Tells of versions that the page was not made of, once.
function release({ release, apps }) {
  const made = versions(page.composition ?? "");
  const others = apps.filter(({ app, version }) => made[0] && !made.includes(`${app}@${version}`));
  const key = JSON.stringify([page.composition, others]);
  if (others[0] && key != told) page.tell("marquetry:released", { release, apps: others });
  told = key;
}

// What the page is made of, as its lock says: `checkout@1.4.2 decide@2.0.0`.
function versions(lock) {
  try {
    const claims = atob(lock.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(claims).c.split(" ");
  } catch {
    return [];
  }
}
