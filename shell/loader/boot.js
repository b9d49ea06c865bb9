// What the composer's script tag says; the shell keeps it up to date from page to page.

export const tag = document.querySelector("script[data-prefix]");
export const boot = tag.dataset;
