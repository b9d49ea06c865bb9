// What an open tab does when versions take the place of its own: goes on to them, offers them, or stays. Loaded when that is
// asked first. The tab's composition stands in the loader's tag, `data-composition`; where the next page is to be of a newer
// one, that is `data-next`.

const { dataset } = document.querySelector("script[data-prefix]");
const PLACE =
  "position:fixed;inset:auto 1rem 1rem;max-inline-size:34rem;margin-inline:auto;padding:1rem 1.25rem;z-index:2147483647;" +
  "display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:center;border-radius:.75rem;font:1rem/1.4 system-ui,sans-serif;" +
  "color:#fff;background:#1f2328;box-shadow:0 .5rem 2rem rgb(0 0 0/.35)";
const BUTTON =
  "min-block-size:2.75rem;padding:0 1rem;border:1px solid currentColor;border-radius:.5rem;font:inherit;cursor:pointer;" +
  "color:inherit;background:none";
const PAUSE_MS = 30_000;
const STYLE_MS = 3_000;

// What was found out last, and when; what somebody has put off.
let newer, askedAt, later;
let asking, again;

// ---- what is new

// A release was made, or a part of a page has said that the tab is behind: that is no news for a while.
export async function released(host, lent, isNews = true) {
  if (!isNews && performance.now() - askedAt < PAUSE_MS) return;
  if (asking) return void (again = true);
  asking = true;
  askedAt = performance.now();
  try {
    newer = await ask(host, lent);
    await decide(host, lent);
  } catch (error) {
    console.warn("marquetry: what is new can't be told", error);
  }
  asking = false;
  if (again) return (again = false), released(host, lent);
}

async function ask(host, lent) {
  const page = encodeURIComponent(decodeURI(location.pathname));
  const headers = { "marquetry-composition": dataset.composition ?? "" };
  const response = await fetch(`${host.prefix}/composition?page=${page}`, { headers });
  if (response.headers.has("marquetry-gone")) gone(host, lent);
  return response.ok ? (await response.json()).newer : undefined;
}

const name = ({ apps }) => apps.map(({ app, to }) => `${app}@${to}`).join(" ");

function decide(host, lent) {
  const isHere = newer && newer.open_tabs != "block";
  if (!isHere || later != name(newer)) remove("marquetry-version");
  if (!isHere) return void delete dataset.next;
  if (isNearby() && !concerned().length) return adopt();
  if (newer.open_tabs == "ask") return later == name(newer) || offer(host, lent);
  dataset.next = newer.composition;
  return isNearby() && quietly(host, lent);
}

// True where all that is new has slots of its own on this page: layout and page stay as they are.
const isNearby = () => newer.frame == dataset.frame && !newer.apps.some(({ app }) => app == newer.page);

// The slots whose versions change, without those in them.
function concerned() {
  const css = newer.apps.map(({ app, to }) => `fragment-slot[data-app="${app}"]:not([data-version="${to}"])`).join();
  if (!css) return [];
  return [...document.querySelectorAll(css)].filter((slot) => !slot.parentElement.closest(css));
}

function adopt() {
  dataset.composition = newer.composition;
  delete dataset.next;
}

// ---- going on within the page

// Waits until nobody is at work in what changes; the next page is of the newer versions in any case.
async function quietly(host, lent) {
  if (await refresh(host, lent)) return;
  const wanted = newer;
  const once = () => setTimeout(() => newer == wanted && dataset.next && quietly(host, lent), 100);
  document.addEventListener("focusout", once, { once: true });
}

const isAtWork = (slot, lent) =>
  lent.unsaved(slot) || slot.contains(document.activeElement) || slot.querySelector("dialog[open],[aria-busy=true]");

// True once all slots that change show the newer versions: all of them, or none.
async function refresh(host, lent) {
  const slots = concerned();
  const wanted = newer;
  const before = dataset.composition;
  const srcs = slots.map((slot) => slot.getAttribute("src"));
  const mayChange = () =>
    wanted == newer &&
    dataset.composition == before &&
    !globalThis.navigation?.transition &&
    !document.querySelector("[data-refresh]") &&
    slots.every((slot, at) => slot.isConnected && slot.getAttribute("src") == srcs[at] && !isAtWork(slot, lent));
  if (!mayChange()) return false;
  try {
    const fresh = await Promise.all([...srcs.map((src) => load(host, src)), dress(lent)]);
    if (!mayChange()) return false;
    adopt();
    slots.forEach((slot, at) => renew(host, slot, fresh[at]));
  } catch (error) {
    console.warn("marquetry: a newer version could not be had", error);
    return false;
  }
  undress();
  lent.say("A part of this page has been updated.");
  return true;
}

async function load(host, src) {
  const headers = { "marquetry-composition": newer.composition };
  const response = await fetch(`${host.prefix}/fragment/${src}`, { headers });
  if (!response.ok) throw new Error(`${src}: ${response.status}`);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  const slot = template.content.querySelector("fragment-slot");
  if (slot?.dataset.state != "fresh") throw new Error(`${src}: there is nothing in it`);
  return slot;
}

function renew(host, slot, fresh) {
  host.sleep(slot);
  delete slot.dataset.failed;
  for (const { name, value } of fresh.attributes) if (name.startsWith("data-")) slot.setAttribute(name, value);
  slot.replaceChildren(...fresh.childNodes);
  for (const each of [slot, ...slot.querySelectorAll("fragment-slot")]) host.schedule(each);
}

// The newer versions' style sheets, and the integrity of their modules.
function dress(lent) {
  const modules = newer.apps.flatMap(({ module }) => module ?? []);
  const integrity = Object.fromEntries(modules.map(({ url, integrity }) => [url, integrity]));
  const { nonce } = document.querySelector("script[data-prefix]");
  if (modules[0]) lent.add(document.head, "script", { type: "importmap", nonce, textContent: JSON.stringify({ integrity }) });
  const styles = newer.apps.flatMap(({ styles }) => styles).filter(({ url }) => !link(url));
  const all = styles.map(
    ({ url: href, integrity }) =>
      new Promise((done) => lent.add(document.head, "link", { rel: "stylesheet", href, integrity, onload: done, onerror: done })),
  );
  return Promise.race([Promise.all(all), new Promise((done) => setTimeout(done, STYLE_MS))]);
}

function undress() {
  const kept = new Set(newer.apps.flatMap(({ styles }) => styles.map(({ url }) => url)));
  for (const url of newer.apps.flatMap(({ old_styles }) => old_styles)) if (!kept.has(url)) link(url)?.remove();
}

const link = (url) => document.querySelector(`link[rel=stylesheet][href="${url}"]`);

// ---- asking

function offer(host, lent) {
  if (document.getElementById("marquetry-version-gone")) return;
  const words = "There is a new version of this page.";
  const put = () => (later = name(newer));
  const [text] = notice(lent, "marquetry-version", "status", words, { Update: () => update(host, lent, text), Later: put });
}

// The person's word; what they haven't saved stays.
async function update(host, lent, text) {
  if (isNearby() && (await refresh(host, lent))) return;
  if (lent.unsaved(document.body)) {
    text.textContent = "You have changes here that aren't saved. Save them, then update.";
    return false;
  }
  dataset.next = newer.composition;
  if (globalThis.navigation && newer.frame == dataset.frame) {
    // The shell takes it for one of its own, and keeps the place where the page is scrolled to.
    navigation.reload({ info: "marquetry:update" }).finished.catch(() => {});
  } else {
    location.reload();
  }
}

// One of the tab's versions has ended.
export function gone(host, lent) {
  remove("marquetry-version");
  const words = "There is a new version of this page, and this one has ended. Load it when you are ready.";
  notice(lent, "marquetry-version-gone", "alert", words, { "Load now": () => location.reload(), Later: () => {} });
}

const remove = (id) => document.getElementById(id)?.remove();

// A notice that stands in nobody's way; an act that comes to `false` keeps it. Styled by script: the page's policy allows no
// style in HTML.
function notice(lent, id, role, textContent, acts) {
  remove(id);
  const place = lent.add(document.body, "div", { id, role, style: PLACE });
  const text = lent.add(place, "p", { style: "flex:1 1 14rem;margin:0" });
  for (const [label, act] of Object.entries(acts)) {
    const onclick = async () => (await act()) === false || place.remove();
    lent.add(place, "button", { type: "button", textContent: label, style: BUTTON, onclick });
  }
  // Said where the words come into a place that is there.
  setTimeout(() => (text.textContent ||= textContent));
  return [text];
}
