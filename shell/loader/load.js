// Fetches and starts a fragment's module: each address once.

export const modules = new Map(); // address → promise of the started module

// address → how often it was started afresh, as what was there is broken
export const starts = new Map();

export async function start(url, wasm, integrity) {
  const module = await import(url);
  if (wasm) await module.default({ module_or_path: fetch(wasm, { integrity }) });
  return module;
}

// With another number behind `?` it is another module to the browser. (Behind `#` too, but stacks don't tell these apart.)
export function address({ dataset: { module } }) {
  const number = starts.get(module);
  return number ? `${module}?${number}` : module;
}

export function load(slot) {
  const { wasm, wasmIntegrity } = slot.dataset;
  const url = address(slot);
  const loading = modules.get(url) ?? start(url, wasm, wasmIntegrity);
  modules.set(url, loading);
  loading.catch(() => modules.delete(url));
  return loading;
}
