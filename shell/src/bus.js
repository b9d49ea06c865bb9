// The event bus: an event is a `CustomEvent` on the document, named by its topic. The build puts this file in front of the
// shell's glue.
const bus = {
  // Topic → its last value; of a server's topic, which is about many things, the last few.
  last: new Map(),
  known: new Set(),

  start(host) {
    bus.host = host;
    bus.follow();
    document.addEventListener("marquetry:subscribe", ({ detail: { topic, deliver } }) => bus.recall(topic, deliver));
    host.connect?.(bus);
  },

  // Takes over what the page's script tag says, whenever there is another page.
  follow() {
    const { dataset } = (bus.tag = document.querySelector("script[data-prefix]"));
    const { live, liveTopics = "", acrossTabs, composition, prefix } = dataset;
    const words = (list) => list.split(" ").filter(Boolean);
    for (const topic of words(`${dataset.topics} ${liveTopics}`)) {
      if (!bus.known.has(topic)) document.addEventListener(topic, bus.hear);
      bus.known.add(topic);
    }
    if (acrossTabs && !bus.others) {
      bus.others = new BroadcastChannel("marquetry");
      bus.others.onmessage = ({ data: [topic, value] }) => bus.known.has(topic) && bus.tell(topic, value, "another tab");
    }
    // Tabs hear what is live now only where they were made of releases, or listen to a server's topic.
    if (live && (liveTopics || composition)) {
      const wanted = { url: `${prefix}/events`, topics: words(liveTopics), composition, tell: bus.tell };
      import(live).then(({ follow }) => follow(wanted)).catch((error) => console.warn("marquetry: no live events", error));
    }
  },

  hear(event) {
    const { type, detail } = event;
    const { acrossTabs, liveTopics } = bus.tag.dataset;
    const is = (list) => ` ${list} `.includes(` ${type} `);
    bus.last.set(type, [...(bus.last.get(type) ?? []), detail].slice(is(liveTopics) ? -50 : -1));
    if (bus.isTold || !is(acrossTabs)) return;
    try {
      bus.others.postMessage([type, detail]);
    } catch (error) {
      console.warn(`marquetry: event ${type} can't go to other tabs`, error);
    }
  },

  // Dispatches what comes from elsewhere, and doesn't go there again.
  tell(topic, detail, from = "server") {
    bus.isTold = true;
    bus.dispatch(topic, detail, { from });
    bus.isTold = false;
  },

  // `about` says whose it is, for the inspector.
  dispatch: (topic, detail, about) => document.dispatchEvent(Object.assign(new CustomEvent(topic, { detail }), about)),

  recall: (topic, deliver) => bus.last.get(topic)?.forEach((value) => deliver(value)),

  // What a fragment does through its context: it publishes what its app's manifest says, and nothing else.
  publish(slot, topic, detail) {
    const { app, version } = slot.dataset;
    if (!topic.startsWith(`${app}:`) || !bus.tag.dataset.topics.split(" ").includes(topic)) {
      const error = new Error(`\`${app}@${version}\` publishes \`${topic}\`, which isn't in \`[events] publishes\` of its manifest`);
      return bus.host.report(slot, "run", error);
    }
    bus.dispatch(topic, detail, { publisher: `${app}@${version}` });
  },
  subscribe(slot, topic, fn, { signal, retained }) {
    document.addEventListener(topic, ({ detail }) => fn(detail), { signal });
    if (retained) bus.recall(topic, fn);
  },
};
