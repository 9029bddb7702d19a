// Two pictures of the history: side by side, zoomed and moved together, or one over the other with a line to drag.

import { h, icon } from "../dom.js";
import { choice } from "../popart/knobs.js";
import { together } from "./pan.js";
import { recipeWords, titleOf } from "../words.js";

const url = (job) => `/api/jobs/${job.id}/result.${job.result.files.find((form) => form === "png" || form === "jpg") ?? job.result.files[0]}`;

/** The rows of two recipes, those that differ first marked. */
function differences(jobs) {
  const recipes = jobs.map((job) => new Map(recipeWords(job.request)));
  const names = [...new Set(recipes.flatMap((one) => [...one.keys()]))];
  const rows = names.map((name) => {
    const values = recipes.map((one) => one.get(name) ?? "–");
    return h("tr", { class: values[0] === values[1] ? "soft" : "differs" }, h("th", { scope: "row" }, name), ...values.map((value) => h("td", {}, value)));
  });
  return h("div", { class: "card table-card", tabIndex: 0, role: "region", ariaLabel: "The two recipes" }, h("table", {}, h("caption", { class: "label" }, "What differs"),
    h("thead", {}, h("tr", {}, h("td", {}), ...jobs.map((job) => h("th", { scope: "col" }, titleOf(job))))), h("tbody", {}, ...rows)));
}

/** Fill `root` with both; returns what ends it. */
export function mountPair(root, jobs) {
  let end = () => {};
  const ratios = jobs.map(({ result }) => result.width / result.height);
  const aligned = Math.abs(ratios[0] - ratios[1]) < 0.01;
  const place = h("div", { class: "pair-place" });
  const zoomed = h("output", { class: "numbers small soft" });
  const tools = h("div", { class: "row" });
  const how = choice("How they are seen", [["beside", "Side by side"], ["over", "With a slider"]], show);
  how.element.querySelector("legend").classList.add("unseen");
  how.disable("over", !aligned);
  root.append(h("div", { class: "view one pair" },
    h("div", { class: "row spread" }, h("div", { class: "row" }, h("a", { class: "button small plain", href: "#history" }, "← History"), h("h1", {}, "Two pictures")), how.element, tools),
    !aligned && h("p", { class: "small soft" }, "They differ in shape, so they are shown side by side."),
    place, differences(jobs)));

  function beside() {
    const windows = jobs.map((job) => h("div", { class: "pair-window", tabIndex: 0, role: "group", ariaLabel: `${titleOf(job)}. Keys: plus, minus and 0 zoom, arrows move both.` }, h("img", { src: url(job), alt: titleOf(job), draggable: false })));
    place.replaceChildren(h("div", { class: "pair-two" }, ...windows.map((one, index) => h("figure", {}, one, h("figcaption", { class: "row spread" }, h("a", { class: "cut", href: `#history/${jobs[index].id}` }, titleOf(jobs[index])))))));
    windows.forEach((one, index) => one.style.setProperty("--ratio", String(ratios[index])));
    const views = together(windows, (scale) => { zoomed.value = `${Math.round(scale * 100)} %`; });
    tools.replaceChildren(zoomed, h("button", { class: "button small icon", type: "button", ariaLabel: "Smaller", onclick: () => views.zoom(1 / 1.5) }, icon("remove")),
      h("button", { class: "button small icon", type: "button", ariaLabel: "Larger", onclick: () => views.zoom(1.5) }, icon("add")), h("button", { class: "button small", type: "button", onclick: views.fit }, "All of it"));
    end = views.end;
  }

  async function over() {
    const { compare } = await import("../compare.js");
    end();
    end = () => {};
    tools.replaceChildren();
    const both = compare(url(jobs[0]), url(jobs[1]), { labels: jobs.map(titleOf) });
    place.replaceChildren(both);
  }
  function show(word) { how.show(word); if (word === "over") over(); else { end(); beside(); } }
  show("beside");
  return () => end();
}
