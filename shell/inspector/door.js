// Waits until somebody asks for the inspector, by Ctrl+Alt+M, `?marquetry-inspect` or its button. Until then it writes down
// which events pass, for those who open it later. Loaded only where the composer offers the inspector.

const tag = document.querySelector("script[data-prefix]");
const boot = tag.dataset;

const EVENTS_KEPT = 200;
const REPORTS_KEPT = 50;

// What the inspector reads.
const door = { boot, events: [], reports, changed: () => {}, close, select: undefined };

const heard = new Set();
const broken = [];
let host = {};
let loading;
let shown; // { element, module, handle, back }
let button;

export function start(lent) {
  host = lent ?? {};
  hear();
  new MutationObserver(hear).observe(tag, { attributeFilter: ["data-topics", "data-live-topics"] });
  document.addEventListener("marquetry:report", ({ detail }) => {
    broken.push(detail);
    if (broken.length > REPORTS_KEPT) broken.shift();
    door.changed();
  });
  addEventListener("keydown", (event) => {
    const { ctrlKey, altKey, shiftKey, metaKey, code } = event;
    if (code != "KeyM" || !ctrlKey || !altKey || shiftKey || metaKey || event.repeat) return;
    event.preventDefault();
    shown ? close() : open();
  });
  if ("inspectorButton" in boot) offer();
  if (new URLSearchParams(location.search).has("marquetry-inspect")) open();
}

function reports() {
  return host.reports?.() ?? [...broken];
}

// ---- events

function hear() {
  const topics = `${boot.topics ?? ""} ${boot.liveTopics ?? ""} marquetry:released`;
  for (const topic of topics.split(" ").filter((topic) => topic && !heard.has(topic))) {
    heard.add(topic);
    document.addEventListener(topic, note);
  }
}

function note(event) {
  const { type, detail } = event;
  const { from, publisher } = event;
  door.events.push({ at: performance.timeOrigin + event.timeStamp, topic: type, value: detail, publisher, from });
  if (door.events.length > EVENTS_KEPT) door.events.shift();
  door.changed();
}

// ---- open and close

async function load() {
  const module = await import(boot.inspectorModule);
  const options = { integrity: boot.inspectorWasmIntegrity };
  await module.default({ module_or_path: fetch(boot.inspectorWasm, options) });
  return module;
}

async function open() {
  const back = document.activeElement;
  loading ??= load();
  try {
    const module = await loading;
    if (shown) return;
    const element = document.createElement("marquetry-inspector");
    const place = element.attachShadow({ mode: "open" }).appendChild(document.createElement("div"));
    document.body.append(element);
    if (button) button.hidden = true;
    shown = { element, module, back };
    shown.handle = module.open(place, door);
  } catch (error) {
    loading = undefined;
    close();
    console.warn("marquetry: the inspector could not be opened", error);
  }
}

function close() {
  if (!shown) return;
  const { element, module, handle, back } = shown;
  shown = undefined;
  // Not while its own listener runs: what is called would be gone.
  setTimeout(() => handle && module.close(handle));
  element.remove();
  if (button) button.hidden = false;
  const target = back?.isConnected && back != document.body ? back : button?.shadowRoot.firstChild;
  target?.focus();
}

// ---- the button

const STYLE =
  ":host { position: fixed; inset: auto auto 1rem 1rem; z-index: 2147483645 } :host([hidden]) { display: none }" +
  "button { min-block-size: 2.75rem; padding: 0 .875rem; border: 2px solid #7cc4ff; border-radius: .75rem; color: #fff; background: #14202b;" +
  "font: 600 .875rem/1 system-ui, sans-serif; cursor: pointer } button:focus-visible { outline: 3px solid #7cc4ff; outline-offset: 3px }" +
  "@media print { :host { display: none } }";

function offer() {
  button = document.createElement("marquetry-inspector-button");
  const root = button.attachShadow({ mode: "open", delegatesFocus: true });
  const own = root.appendChild(document.createElement("button"));
  own.textContent = "Inspect";
  own.title = "Marquetry inspector (Ctrl+Alt+M)";
  own.addEventListener("click", open);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  document.body.append(button);
}
