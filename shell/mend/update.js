// Gives a slot new content: by the fragment itself where it is the same and can, else it ends and begins anew.

import { host } from "./lent.js";
import { clear } from "./retry.js";

const SAME = ["app", "version", "fragment", "module", "state"];

// Puts what stands in `fresh`, another slot element, into `slot`.
export async function renew(slot, fresh) {
  clear(slot);
  const life = host.lives.get(slot);
  const isSame = life?.isLive && SAME.every((name) => slot.dataset[name] == fresh.dataset[name]);
  if (isSame && (await update(life, fresh))) return;
  host.sleep(slot);
  describe(slot, fresh);
  slot.replaceChildren(...fresh.childNodes);
  for (const each of [slot, ...host.all("", slot)]) host.schedule(each);
}

// Tells whether the fragment has taken it, or has gone meanwhile.
async function update(life, fresh) {
  const { slot, module, handle, context } = life;
  if (!module.update) return false;
  host.know(slot);
  Object.assign(context, host.asked(slot.getAttribute("src")));
  try {
    const act = () => host.run(life, () => module.update(handle, { ...context, fresh }));
    const isTaken = (await host.step(slot, "update", act)) !== false;
    if (host.isOver(life)) return true;
    host.record(slot).phase = "live";
    if (isTaken) describe(slot, fresh);
    return isTaken;
  } catch (error) {
    if (host.isOver(life)) return true;
    host.broke(error, life, "update");
    return false;
  }
}

// What the composer says of the content: how fresh it is, what it took.
function describe(slot, fresh) {
  for (const { name, value } of fresh.attributes) if (name.startsWith("data-")) slot.setAttribute(name, value);
}
