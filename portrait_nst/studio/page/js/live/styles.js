// The styles as a strip of pictures: radio buttons, so that arrows go through them.

import { h, unique } from "../dom.js";

/** A fieldset; onchange(id) when another one is chosen. Its `show(styles, id)` puts styles in. */
export function styleStrip(onchange) {
  const name = unique("live-style");
  const list = h("div", { class: "live-styles" });
  const box = h("fieldset", { class: "live-choice" }, h("legend", { class: "label" }, "Style"), list);
  box.show = (styles, chosen) => {
    list.replaceChildren(...styles.map((style) => h("label", { class: "live-style", title: style.description || null },
      h("input", { type: "radio", name, value: style.id, checked: style.id === chosen, onchange: () => onchange(style.id) }),
      h("img", { src: `/api/styles/${encodeURIComponent(style.id)}/thumb`, alt: "", width: 96, height: 96, loading: "lazy" }),
      h("span", {}, style.title || style.name))));
  };
  return box;
}
