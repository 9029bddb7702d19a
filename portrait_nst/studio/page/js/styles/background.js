// What becomes of the background: kept, blurred, taken away, a colour, or a style of its own.

import { change, refused, value } from "../choices.js";
import { h, unique } from "../dom.js";
import { studio } from "../store.js";

const KINDS = [["keep", "Keep"], ["blur", "Blur"], ["transparent", "None"], ["colour", "Colour"], ["style", "Style"]];
const kindOf = (now) => (["keep", "blur", "transparent"].includes(now) ? now : /^#/.test(now) ? "colour" : "style");

export function mountBackground(root) {
  const group = unique("background");
  const colour = h("input", { type: "color", value: "#d9c7a8", ariaLabel: "Colour of the background", oninput: () => change({ background: colour.value }) });
  const image = h("img", { alt: "", width: 44, height: 44 });
  const select = h("select", { ariaLabel: "Style of the background", onchange: () => change({ background: select.value }) });
  const error = h("p", { class: "bad small", role: "alert" });
  const byKind = {
    colour: () => change({ background: colour.value }),
    style: () => change({ background: select.value || studio.get("styles")[0]?.id }),
  };
  const radios = KINDS.map(([kind, words]) => h("label", {},
    h("input", { type: "radio", name: group, value: kind, onchange: () => (byKind[kind] ?? (() => change({ background: kind })))() }), h("span", {}, words)));
  const styled = h("div", { class: "row background-style" }, image, h("div", { class: "grow" }, select));
  const box = h("fieldset", { class: "field" }, h("legend", { class: "label" }, "Background"), h("div", { class: "switch tight" }, radios), colour, styled, error);
  root.append(box);
  const ends = [studio.on(["settings", "styles", "preset", "catalogue"], () => {
    const styles = studio.get("styles");
    if (select.options.length !== styles.length) select.replaceChildren(...styles.map((one) => h("option", { value: one.id }, one.title)));
    const now = value("background") ?? "keep";
    const kind = kindOf(now);
    for (const label of radios) label.firstChild.checked = label.firstChild.value === kind;
    colour.hidden = kind !== "colour";
    styled.hidden = kind !== "style";
    if (kind === "colour") colour.value = now;
    if (kind === "style") { select.value = now; image.src = `/api/styles/${encodeURIComponent(now)}/thumb`; }
  }), refused.on(["field", "error"], () => {
    error.hidden = refused.get("field") !== "background";
    error.textContent = error.hidden ? "" : refused.get("error");
  })];
  return () => ends.forEach((end) => end());
}
