// One style on the wall: a native radio button or check box, dressed as its picture.

import { h, icon, unique } from "../dom.js";

/** {element, kind(type), check(on), picture(url or null, waiting)} */
export function makeTile(style, group, mixing, on) {
  const thumb = `/api/styles/${encodeURIComponent(style.id)}/thumb`;
  const told = unique("told");
  const title = style.uploaded ? style.title.replace(/\.\w{2,5}$/, "") : style.title;
  const input = h("input", { type: mixing ? "checkbox" : "radio", name: group, "aria-describedby": told, onchange: on.chosen });
  const image = h("img", { src: thumb, alt: "", width: 128, height: 128, loading: "lazy", decoding: "async", draggable: false });
  const element = h("div", { class: "tile" },
    h("label", { title: style.description || title }, input, h("span", { class: "tile-picture" }, image, h("span", { class: "tile-check" }, icon("check"))),
      h("span", { class: "tile-name cut" }, title)),
    h("span", { class: "unseen", id: told }, style.description || "Your own picture."),
    style.uploaded && h("button", { class: "tile-remove", type: "button", ariaLabel: `Remove the style ${title}`, onclick: on.removed }, icon("close")));
  return {
    element,
    kind: (type) => { input.type = type; },
    check: (wanted) => { input.checked = wanted; element.classList.toggle("chosen", wanted); },
    picture: (url, waiting = false) => { image.src = url ?? thumb; element.classList.toggle("waiting", waiting); },
  };
}
