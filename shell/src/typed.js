// As browsers do: what somebody has put into the fields of a page is there when they come back to it. In memory alone, and
// nothing that is secret or is to be forgotten. Stands behind `lent.js`.
const typed = {
  // The page on its way of which nothing is shown yet: what is on the page belongs to another entry of the history.
  coming: undefined,
  // By key of the entry.
  pages: new Map(),

  // The fields within `place`, each with its slot, and words that tell it from the others there. Those that stay keep their own.
  fields: (place) =>
    lent
      .all(place, "fragment-slot :is(input,textarea,select):not([persist] *)")
      .filter((field) => {
        const kind = field.closest("[autocomplete]")?.getAttribute("autocomplete");
        return !/file|hidden|password/.test(field.type) && !/off|password|cc-|one-time/.test(kind);
      })
      .slice(0, 500)
      .map((field) => {
        const { type, name, id, value } = field;
        const isBox = /box|radio/.test(type);
        const slot = field.closest("fragment-slot");
        return { field, isBox, slot, words: [slot.getAttribute("src"), type, name, id, isBox && value].join() };
      }),
  // Notes what was typed into the page that is left, and looks for what was in the one to which somebody returns.
  keep(to) {
    const { pages } = typed;
    if (!typed.coming) {
      const { key } = navigation.currentEntry;
      const page = {};
      for (const { field, isBox, words } of typed.fields(document)) {
        const is = isBox ? field.checked : field.multiple ? [...field.options].map((each) => each.selected) : field.value;
        (page[words] ??= []).push(lent.changed(field) && !(is.length > 100_000) ? is : undefined);
      }
      pages.delete(key);
      pages.set(key, page);
      if (pages.size > 32) pages.delete(pages.keys().next().value);
    }
    typed.page = to && structuredClone(pages.get(to));
  },
  // Fills in the fields of a slot that has come, before its fragment wakes.
  restore(place) {
    typed.coming = undefined;
    if (!typed.page) return;
    for (const { field, isBox, slot, words } of typed.fields(place)) {
      const is = slot == place ? typed.page[words]?.shift() : undefined;
      if (is == undefined) continue;
      if (isBox) field.checked = is;
      else if (field.multiple) [...field.options].forEach((each, at) => (each.selected = is[at]));
      else if ((field.value = is, field.selectedIndex < 0)) field.selectedIndex = 0;
    }
  },
};
