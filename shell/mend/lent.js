// What the loader lends.

export let host;
export const lend = (to) => (host = to);
