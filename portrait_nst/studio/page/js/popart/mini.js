// On a phone the picture scrolls away while one turns a knob: then a small one stays in sight.

import { h } from "../dom.js";

/** Seen while `stage` is not; a tap leads back to it. Returns {element, show(url), end()}. */
export function mini(stage) {
  const image = h("img", { alt: "" });
  const element = h("button", { class: "popart-mini", type: "button", ariaLabel: "Back to the picture", hidden: true, onclick: () => scrollTo({ top: 0, behavior: "smooth" }) }, image);
  let away = false;
  const draw = () => { element.hidden = !away || !image.getAttribute("src"); };
  const watcher = new IntersectionObserver(([entry]) => { away = entry.intersectionRatio < 0.25; draw(); }, { threshold: [0, 0.25, 0.5] });
  watcher.observe(stage);
  return { element, show(url) { if (url) image.src = url; else image.removeAttribute("src"); draw(); }, end: () => watcher.disconnect() };
}
