// Wakes the fragments of {{app}} in the browser. Plain JavaScript: four exports are all that Marquetry knows of a module
// (`init` only where the manifest names a `wasm`).

/** Sends the form in place; without this module the browser does it by itself. */
export function hydrate(slot, context) {
  const stop = new AbortController();
  slot.addEventListener('submit', (event) => {
    event.preventDefault();
    send(slot, event.target, stop.signal);
  }, { signal: stop.signal });
  return stop;
}

/** Draws the fragment from nothing, where the server sent none. */
export function mount(slot, context) {
  const stop = hydrate(slot, context);
  const params = context.src.split('?')[1] ?? '';
  show(slot, fetch(`${context.base}/reviews?${params}`, { signal: stop.signal }));
  return stop;
}

/** Takes back all that `hydrate` or `mount` started. */
export function unmount(stop) {
  stop.abort();
}

async function send(slot, form, signal) {
  const button = form.querySelector('button');
  if (button.ariaDisabled === 'true') return;
  button.ariaDisabled = 'true';
  const body = new URLSearchParams(new FormData(form));
  const told = await show(slot, fetch(form.action, { method: 'POST', body, signal, headers: { accept: 'text/x-fragment' } }));
  button.ariaDisabled = 'false';
  slot.querySelector('[role=status]').textContent = told;
}

/** Puts the answer into the slot, and gives what to tell. */
async function show(slot, answer) {
  try {
    const response = await answer;
    const html = await response.text();
    if (response.ok) {
      slot.innerHTML = html;
      return 'Thank you. Your review is in the list.';
    }
    return new DOMParser().parseFromString(html, 'text/html').body.textContent;
  } catch {
    return 'That did not work. Please try again in a moment.';
  }
}
