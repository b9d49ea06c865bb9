// What is shorter to say here than through bindings: the build puts it in front of the shell's glue.
const lent = {
  navigation: () => globalThis.navigation,
  // Somebody went back before there was a shell: the browser has changed the address alone.
  catchUp({ activation, currentEntry }) {
    const page = ({ url }) => url.split("#")[0];
    const entry = activation?.entry;
    if (entry && entry.key != currentEntry.key && page(entry) != page(currentEntry)) location.reload();
  },
  saves: () => !!navigator.connection && (navigator.connection.saveData || /2g/.test(navigator.connection.effectiveType)),
  listen: (target, names, act) => names.split(" ").forEach((name) => target.addEventListener(name, act)),

  // ---- elements

  all: (root, css) => [...root.querySelectorAll(css)],
  is: (element, css) => element.matches(css),
  near: (element, css) => element.closest(css) ?? undefined,
  set: (element, name, value) => (value === undefined ? element.removeAttribute(name) : element.setAttribute(name, value)),
  swap: (old, element) => old.replaceWith(element),
  fill: (element, content) => element.replaceChildren(content),
  add(parent, name, { style, ...properties }) {
    const element = Object.assign(document.createElement(name), properties);
    if (style) element.style.cssText = style;
    parent.append(element);
    return element;
  },
  // True when the parser has written something behind `element` within `root`.
  passed(element, root) {
    for (; element != root; element = element.parentNode) if (element.nextSibling) return true;
    return false;
  },

  // ---- versions

  // Of which composition the next page is asked for: the newer one unless somebody would lose something in what stays.
  lock() {
    const { composition, next } = lent.tag().dataset;
    return next && !lent.all(document, "fragment-slot[persist]").some(lent.unsaved) ? next : composition;
  },
  tag: () => document.querySelector("script[data-prefix]"),
  // What is done about versions takes a script of its own, which few tabs ever load.
  versions: (act, host, isNews) =>
    import(lent.tag().dataset.versions).then((versions) => versions[act](host, lent, isNews), console.warn),
  // True where something would be lost with `place`: a fragment says so, or something isn't as it came.
  unsaved: (place) =>
    [place, ...lent.all(place, "fragment-slot,input,textarea,select,[contenteditable]")].some(
      (each) => each.marquetry?.dirty || (lent.changed(each) && !each.closest("[data-unsaved=no]")),
    ),
  changed: (each) => (each.selectedOptions ? [...each.options].some(lent.chosen) : lent.filled(each) || lent.written(each)),
  filled: ({ type, value, defaultValue, checked, defaultChecked }) =>
    type != "hidden" && (value != defaultValue || checked != defaultChecked),
  chosen({ selected, defaultSelected, index, parentNode }) {
    // Where none is chosen to begin with, that is the first.
    return selected && !defaultSelected && (index > 0 || !!parentNode.closest("select").querySelector("[selected]"));
  },
  // An editor keeps no note of how it came; its fragment may say that all is saved.
  written: (each) => lent.edited.has(each) && each.closest("fragment-slot")?.marquetry?.dirty != false,
  edited: new WeakSet(),
  // True where a fragment says that it has unsaved changes.
  dirty: (css) => lent.all(document, "fragment-slot").some((slot) => slot.marquetry?.dirty && !slot.closest(css)),
  // Somebody who has them is asked before they go with the page, as the browser asks before the document goes.
  mayGo: () => !lent.dirty("[persist]") || confirm("Changes that you made may not be saved. Leave this page?"),
  guard() {
    addEventListener("beforeunload", (event) => lent.dirty("none") && event.preventDefault());
    addEventListener("input", ({ target }) => target.isContentEditable && lent.edited.add(target));
  },

  // ---- one navigation

  // Has `step` called with the response, with its text piece by piece, with `null`, and with nothing when all is over. It may
  // ask for time with a promise, and ends the reading with `false`.
  intercept: (event, answer, step) =>
    event.intercept({ focusReset: "manual", scroll: "manual", handler: () => lent.visit(answer, step) }),
  async visit(answer, step) {
    const free = lent.busy();
    typed.coming = answer;
    try {
      const response = await answer;
      let more = step(response);
      const texts = more && response.body.pipeThrough(new TextDecoderStream()).getReader();
      while (more) {
        const { done, value } = await texts.read();
        for (more = step(done ? null : value); more instanceof Promise; more = step(done ? null : "")) await more;
        more &&= !done;
      }
    } catch {
      // What has not come by now is loaded as a whole.
    }
    free();
    step();
    if (typed.coming == answer) typed.coming = undefined;
  },
  quiet: (answer) => answer.catch(() => {}),
  // As if there had been no soft navigation: from the entry of the history where it began. Where that can't be, by another
  // address: a page that is loaded at the one that is shown would be the same document as that before it, and back would do
  // nothing.
  async leave(kind, part, url) {
    if (kind == "reload") return location.reload();
    if (kind != "push") {
      history.replaceState(null, "", part);
      return location.replace(url);
    }
    const { committed, finished } = navigation.back();
    finished.catch(() => {});
    await committed.catch(() => {});
    location.assign(url);
  },
  transition: () =>
    new Promise((ready) => {
      const asked = document.startViewTransition && document.querySelector("meta[name=view-transition][content=same-origin]");
      if (!asked || matchMedia("(prefers-reduced-motion: reduce)").matches) return ready();
      // The old page is pictured when `ready` is called; what follows at once becomes the new one.
      document.startViewTransition(() => (ready(), new Promise((done) => setTimeout(done)))).ready.catch(() => {});
    }),

  // ---- head

  // Makes the page's head that of `next`, whose elements go over; waits for style sheets, 3 s at most. Those that are no longer
  // asked for stay until `clear`.
  async head(next) {
    const both = (what) => [what(document), what(next)];
    const isStyle = ({ rel }) => rel == "stylesheet";
    const href = (element) => isStyle(element) && element.getAttribute("href");
    const among = (all) => (one) => all.find((each) => each.isEqualNode(one) || (href(one) && href(one) == href(each)));
    const [tag, itsTag] = both((page) => page.querySelector("script[data-prefix]"));
    document.title = next.title;
    delete tag.dataset.next;
    Object.assign(tag.dataset, itsTag.dataset);
    const maps = (page) => lent.all(page, "script[type=importmap]").map((map) => JSON.parse(map.textContent).integrity ?? {});
    const [known, more] = both((page) => Object.assign({}, ...maps(page)));
    const modules = Object.entries(more).filter(([url]) => !(url in known));
    const textContent = JSON.stringify({ integrity: Object.fromEntries(modules) });
    if (modules[0]) lent.add(document.head, "script", { type: "importmap", nonce: tag.nonce, textContent });
    const [old, fresh] = both((page) => lent.all(page, "head > meta, head > link"));
    const gone = old.filter((each) => !among(fresh)(each));
    lent.gone = gone.filter(isStyle);
    for (const each of gone) if (!isStyle(each)) each.remove();
    let last;
    const waits = [];
    for (const each of fresh) {
      const had = among(old)(each);
      if (!had && isStyle(each)) waits.push(new Promise((done) => (each.onload = each.onerror = done)));
      if (!had) isStyle(each) && last ? last.after(each) : document.head.append(each);
      if (isStyle(each)) last = had ?? each;
    }
    await Promise.race([Promise.all(waits), new Promise((done) => setTimeout(done, 3000))]);
  },
  // A style sheet that a slot asked for which stayed is still needed.
  clear() {
    lent.watch?.();
    for (const style of lent.gone) {
      const { by } = style.dataset;
      if (!by || !document.querySelector(`[data-fragment="${by}"]`)) style.remove();
    }
  },

  // ---- people

  focus: () => (document.querySelector("[autofocus]") ?? document.querySelector("main[tabindex]"))?.focus({ preventScroll: true }),
  // Styles may ask for smooth scrolling, which is for people who see where it goes.
  top: (top) => scrollTo({ top, behavior: "instant" }),
  // For screen readers, or for everybody. The place has to be there before its words.
  say(words, isShown) {
    lent.place ??= lent.add(document.body, "div", { id: "marquetry-announcer", ariaLive: "assertive", ariaAtomic: "true" });
    lent.place.style.cssText =
      "position:fixed;" +
      (isShown
        ? "inset:auto 1rem 1rem;max-inline-size:34rem;margin-inline:auto;padding:1rem 1.25rem;z-index:2147483647;" +
          "border-radius:.75rem;font:1rem/1.4 system-ui,sans-serif;color:#fff;background:#1f2328"
        : "inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%)");
    lent.place.textContent = words;
    if (isShown) setTimeout(() => lent.say(""), 8000);
  },
  // Shows a bar at the top from 150 ms on, which people no longer take for at once.
  busy() {
    let bar;
    const style =
      "position:fixed;inset:0 0 auto;block-size:3px;z-index:2147483647;pointer-events:none;" +
      "background:var(--m-progress,#0b7285);transform-origin:0 0";
    const properties = { id: "marquetry-progress", style, role: "progressbar", ariaLabel: "Loading the page" };
    const timer = setTimeout(() => {
      bar = lent.add(document.body, "div", properties);
      const transform = ["scaleX(.05)", "scaleX(.9)"];
      bar.animate({ transform }, { duration: 8000, easing: "cubic-bezier(0,.7,.2,1)", fill: "forwards" });
    }, 150);
    return () => (clearTimeout(timer), bar?.remove());
  },

  // ---- what people are about to do

  // Has `near` called with the address of a link of this site on which somebody rests for 65 ms, and `away` when they leave;
  // and with that of a link which asks for it as soon as it is seen.
  intent(near, away) {
    let aimed, timer;
    const leave = () => (clearTimeout(timer), (aimed = undefined), lent.rules?.remove(), away());
    const page = ({ href }) => href.split("#")[0];
    const isOwn = (link) =>
      link.matches(":not([download],[target],[rel~=external])") && link.origin == location.origin && page(link) != page(location);
    const seen = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) seen.unobserve(target), isOwn(target) && near(target.href, false);
      }
    });
    lent.watch = () => lent.all(document, "a[data-prefetch=visible]").forEach((link) => seen.observe(link));
    lent.watch();
    lent.listen(document, "pointerover touchstart focusin", ({ target }) => {
      const link = target.closest?.("a[href]");
      if (!link || link == aimed || !isOwn(link)) return;
      leave();
      aimed = link;
      // Who was quick is on the way there.
      timer = setTimeout(() => isOwn(link) && near(link.href, true), 65);
    });
    lent.listen(document, "pointerout pointercancel focusout submit", ({ pointerType, relatedTarget }) => {
      // A finger that is lifted clicks afterwards.
      if (pointerType == "touch") setTimeout(leave, 500);
      else if (aimed && !aimed.contains(relatedTarget)) leave();
    });
  },
  // A page of another frame is the browser's to load: where it can, it fetches that ahead, until somebody turns away.
  async ahead(answer, url) {
    const response = await answer.catch(() => {});
    if (response?.status != 409 || !HTMLScriptElement.supports("speculationrules")) return;
    lent.rules?.remove();
    const textContent = JSON.stringify({ prefetch: [{ urls: [url] }] });
    lent.rules = lent.add(document.head, "script", { type: "speculationrules", nonce: lent.tag().nonce, textContent });
  },
  // Sends a form; `done` gets the response and, where it is a page, its text, or nothing where it failed.
  async send(url, body, headers, done) {
    const free = lent.busy();
    const answer = [];
    try {
      const response = await fetch(url, { method: "POST", body, headers });
      const isPage = response.headers.get("content-type")?.startsWith("text/html");
      const page = isPage ? await response.text() : undefined;
      answer.push(response, page);
    } catch {
      // Nothing came, or not all.
    }
    free();
    done(...answer);
  },
  // None where there are files among a form's fields, or where it is to be sent in another way.
  fields(data, source) {
    const kind = source?.getAttribute("formenctype") ?? (source?.form ?? source)?.getAttribute("enctype");
    const isPlain = source && (!kind || kind == "application/x-www-form-urlencoded");
    return isPlain && [...data.values()].every((value) => typeof value == "string") ? new URLSearchParams(data) : undefined;
  },
  // As the browser would: an answer in the place of the page.
  show: (html) => (document.open(), document.write(html), document.close()),
};
