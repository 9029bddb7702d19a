// The shares of several styles.

import { h, icon, unique } from "../dom.js";
import { studio } from "../store.js";

const title = (id) => studio.get("styles").find((one) => one.id === id)?.title ?? id;

export function mountMix(root) {
  const rows = h("div", { class: "mix" });
  const box = h("fieldset", { class: "mixes" }, h("legend", { class: "label" }, "Shares of the mix"), rows);
  root.append(box);
  let drawn = "";

  const percent = (share) => { const sum = studio.get("style").reduce((all, one) => all + one.share, 0); return Math.round((share / sum) * 100); };
  function set(id, share) {
    studio.set({ style: studio.get("style").map((one) => (one.style === id ? { ...one, share } : one)) });
  }
  function row({ style, share }) {
    const id = unique("share");
    const input = h("input", { id, type: "range", min: 1, max: 100, step: 1, value: Math.round(share * 50), oninput: () => set(style, Number(input.value) / 50) });
    return h("div", { class: "mix-row" },
      h("img", { src: `/api/styles/${encodeURIComponent(style)}/thumb`, alt: "", width: 40, height: 40 }),
      h("div", { class: "knob grow" }, h("label", { for: id, htmlFor: id }, title(style)), h("output", { htmlFor: id }), input),
      h("button", { class: "button plain icon", type: "button", ariaLabel: `Take ${title(style)} out of the mix`, onclick: () => studio.set({ style: studio.get("style").filter((one) => one.style !== style) }) }, icon("close")));
  }

  return studio.on(["style", "styles"], () => {
    const mixed = studio.get("style");
    box.hidden = mixed.length < 2;
    const now = mixed.map((one) => title(one.style)).join("\n");
    // A row that somebody drags must not be made anew.
    if (now !== drawn) { drawn = now; rows.replaceChildren(...(box.hidden ? [] : mixed.map(row))); }
    [...rows.children].forEach((one, index) => {
      const input = one.querySelector("input");
      one.querySelector("output").value = `${percent(mixed[index].share)} %`;
      input.setAttribute("aria-valuetext", `${percent(mixed[index].share)} percent`);
      if (document.activeElement !== input) input.value = Math.round(mixed[index].share * 50);
    });
  });
}
