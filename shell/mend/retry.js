// Offers to try again where nothing is to be seen of a fragment, or it goes on no more; not for ever.

import { host } from "./lent.js";

const MOST_FALLS = 3;
const WITHIN = 60_000;

const MEDIA = "img,svg,video,canvas,input,button,iframe";

export const shows = (slot) => slot.innerText.trim() || slot.querySelector(MEDIA);

// Notes that a slot has failed once more; tells whether it may be tried again.
export function mayRetry(slot) {
  const record = host.record(slot);
  const now = Date.now();
  record.falls = [...(record.falls ?? []).filter((time) => time > now - WITHIN), now];
  return record.falls.length < MOST_FALLS;
}

export function offer(slot, words) {
  unsay(slot);
  const isHopeless = host.record(slot).falls?.length >= MOST_FALLS;
  if (isHopeless && shows(slot)) return;
  const note = document.createElement(isHopeless ? "p" : "button");
  note.dataset.notice = "";
  note.textContent = isHopeless ? "This part does not work at the moment." : `${words}. Try again`;
  if (!isHopeless) Object.assign(note, { type: "button", className: "m-button", onclick: () => retry(slot) });
  slot.append(note);
}

export function clear(slot) {
  delete slot.dataset.failed;
  unsay(slot);
}

const unsay = (slot) => slot.querySelector(":scope > [data-notice]")?.remove();

// The shell fetches the slot anew, when it is there.
export function retry(slot) {
  clear(slot);
  if (!host.hasShell) return host.wake(slot);
  slot.dataset.refresh = "0";
  slot.setAttribute("src", slot.getAttribute("src"));
}
