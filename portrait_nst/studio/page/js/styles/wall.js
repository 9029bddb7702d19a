// The wall of styles: the paintings, or each of them on the user's own photo; one is chosen, or several are mixed.

import { h, icon, unique } from "../dom.js";
import { studio } from "../store.js";
import { mountOwn } from "./own.js";
import { onPhoto } from "./onphoto.js";
import { makeTile } from "./tile.js";

export const MOST = 8; // styles of a blend, as the server takes them

const chosen = () => studio.get("style").map((one) => one.style);

/** Choose `id` alone, or put it in or out of the mix. */
export function choose(id, mixing) {
  const before = studio.get("style");
  if (!mixing) { studio.set({ style: [{ style: id, share: 1 }], movement: null }); return; }
  const without = before.filter((one) => one.style !== id);
  if (without.length < before.length) { if (without.length) studio.set({ style: without }); return; }
  if (before.length < MOST) studio.set({ style: [...before, { style: id, share: 1 }], movement: null });
}

export function mountWall(root) {
  const group = unique("style");
  let mixing = studio.get("style").length > 1;
  const tiles = new Map();
  const mix = h("button", { class: "button small", type: "button", ariaPressed: String(mixing), onclick: () => setMixing(!mixing) }, icon("add"), "Mix");
  const wall = h("div", { class: "wall", role: "group", ariaLabel: "Styles" });
  const told = h("p", { class: "soft small wall-told", "aria-live": "polite" });
  const painter = onPhoto();
  const sides = ["The paintings", "On my photo"].map((text, index) => h("label", {},
    h("input", { type: "radio", name: unique("side"), checked: index === 0, onchange: () => { pair(index); painter.show(index === 1); } }), h("span", {}, text)));
  const pair = (index) => sides.forEach((side, at) => { side.firstChild.checked = at === index; });
  sides.forEach((side) => { side.firstChild.name = `${group}-side`; });
  const side = h("fieldset", { class: "switch wall-side" }, h("legend", { class: "unseen" }, "What the tiles show"), sides);
  root.append(h("div", { class: "row spread" }, h("h2", {}, "Style"), mix), side, wall, told);
  const own = mountOwn(root, wall, (id) => { if (!chosen().includes(id)) choose(id, mixing); });

  function setMixing(on) {
    mixing = on;
    mix.setAttribute("aria-pressed", String(on));
    if (!on && studio.get("style").length > 1) studio.set({ style: studio.get("style").slice(0, 1) });
    for (const tile of tiles.values()) tile.kind(on ? "checkbox" : "radio");
    mark();
  }

  function mark() {
    if (studio.get("style").length > 1 && !mixing) { setMixing(true); return; }
    const ids = chosen();
    for (const [id, tile] of tiles) tile.check(ids.includes(id));
    const known = studio.get("styles").filter((one) => ids.includes(one.id));
    told.textContent = known.length === 1 ? `${known[0].title}: ${known[0].description || "your own picture"}`
      : mixing ? "Pick two or more styles; their shares stand below." : known.length ? "" : "Pick a style.";
  }

  function fill() {
    const styles = studio.get("styles");
    const ids = new Set(styles.map((one) => one.id));
    for (const [id, tile] of tiles) if (!ids.has(id)) { tile.element.remove(); tiles.delete(id); painter.forget(id); }
    for (const style of styles) {
      if (tiles.has(style.id)) continue;
      const tile = makeTile(style, group, mixing, { chosen: () => { choose(style.id, mixing); mark(); }, removed: () => own.remove(style) });
      tiles.set(style.id, tile);
      painter.add(style.id, tile);
    }
    // Own styles stand first: who brought one wants it.
    const order = [...styles.filter((one) => one.uploaded), ...styles.filter((one) => !one.uploaded)];
    wall.replaceChildren(own.button, ...order.map((one) => tiles.get(one.id).element));
    mark();
  }

  const ends = [
    studio.on(["styles"], fill), studio.on(["style"], mark), own.end, painter.end,
    studio.on(["photo"], () => { side.hidden = !studio.get("photo"); if (!studio.get("photo")) { pair(0); painter.show(false); } }),
  ];
  return () => ends.forEach((end) => end());
}
