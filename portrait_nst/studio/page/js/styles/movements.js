// The paintings of an art movement, where the studio was started with a library of them.

import { h, unique } from "../dom.js";
import { studio } from "../store.js";

const name = (one) => (typeof one === "string" ? one : one.name);

export function mountMovements(root) {
  const id = unique("movement");
  const select = h("select", { id, onchange: () => studio.set(select.value ? { movement: { name: select.value, pick: pick.checked ? "nearest" : "mean" }, style: [] } : { movement: null }) });
  const pick = h("input", { type: "checkbox", onchange: () => studio.set({ movement: { ...studio.get("movement"), pick: pick.checked ? "nearest" : "mean" } }) });
  const nearest = h("label", { class: "check small" }, pick, "Only the painting that is most like my photo");
  const box = h("div", { class: "field" }, h("label", { htmlFor: id }, "Or a whole movement"), select, nearest);
  root.append(box);
  return studio.on(["catalogue", "movement"], () => {
    const found = studio.get("catalogue")?.movements ?? [];
    box.hidden = !found.length;
    if (select.options.length !== found.length + 1) {
      select.replaceChildren(h("option", { value: "" }, "None: the style above"), ...found.map((one) => h("option", { value: name(one) }, one.title ?? name(one))));
    }
    const now = studio.get("movement");
    select.value = now?.name ?? "";
    nearest.hidden = !now;
    pick.checked = now?.pick === "nearest";
  });
}
