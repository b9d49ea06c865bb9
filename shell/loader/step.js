// Does one step of a life within its deadline and notes how long it took.

import { record } from "./life.js";

const SECONDS = { load: 4 };

// What comes after the deadline goes to `late`.
export async function step(slot, phase, act, late) {
  const { times } = Object.assign(record(slot), { phase });
  const seconds = SECONDS[phase] ?? 3;
  const began = performance.now();
  let timer;
  const running = (async () => act())();
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => {
      running.then(late, () => {});
      reject(new Error(`not done within ${seconds} s`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([running, limit]);
  } finally {
    clearTimeout(timer);
    times[phase] = performance.now() - began;
  }
}
