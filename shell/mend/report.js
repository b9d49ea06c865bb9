// Tells of what broke: in the console, to the composer, and to whoever listens on this page.

import { host } from "./lent.js";

const PER_MINUTE = 20;
const KEPT = 50;
const LONGEST = 2000;

const kept = [];
let beaconed = new Set();
let sent = []; // when

export const reports = () => [...kept];

const cut = (text) => String(text ?? "").slice(0, LONGEST);

export function report(slot, phase, error) {
  const record = host.record(slot);
  const { app, version, fragment, owner } = record;
  const { requestId = "", composition = "", report: url } = host.boot;
  const message = cut(error?.message ?? error);
  console.warn(`marquetry: ${fragment} (${app}@${version}) failed to ${phase}: ${message}`, error);
  const what = { app, version, fragment, phase, message };
  const body = { ...what, stack: cut(error?.stack), page: location.pathname, request_id: requestId, composition };
  const detail = { ...body, owner, time: Date.now() };
  keep(kept, detail);
  if (phase != "leak") keep(record.failures, detail);
  document.dispatchEvent(new CustomEvent("marquetry:report", { detail }));
  const key = JSON.stringify([what, requestId]);
  sent = sent.filter((time) => time > detail.time - 60_000);
  if (beaconed.has(key) || sent.length >= PER_MINUTE) return;
  if (beaconed.size >= 10 * KEPT) beaconed = new Set();
  beaconed.add(key);
  sent.push(detail.time);
  navigator.sendBeacon(url, new Blob([JSON.stringify(body)], { type: "application/json" }));
}

function keep(list, one) {
  if (list.push(one) > KEPT) list.shift();
}
