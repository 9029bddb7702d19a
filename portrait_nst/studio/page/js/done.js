// The finished picture: how alike it is, what there is to say, to keep, and to try next.

import { change, title, value } from "./choices.js";
import { duration, h, icon } from "./dom.js";
import { star } from "./jobs.js";
import { paint, painting, pictureForm, resultUrl, watch } from "./painting.js";
import { studio } from "./store.js";
import { formOf, sentence, titleOf, took } from "./words.js";

const QUALITIES = ["instant", "draft", "standard", "fine"];

/** What could be tried next: [words, settings]. */
function variations() {
  const strength = value("strength") ?? 0.5;
  const at = QUALITIES.indexOf(value("quality"));
  return [
    at >= 0 && at < 3 && [`${title(QUALITIES[at + 1])} quality`, { quality: QUALITIES[at + 1] }],
    strength < 1 && ["more style", { strength: Math.min(1, Number((strength + 0.15).toFixed(2))) }],
    strength > 0 && ["more of the photo", { strength: Math.max(0, Number((strength - 0.15).toFixed(2))) }],
    value("colours") === "style" ? ["the photo’s colours", { colours: "luminance" }] : ["the painting’s colours", { colours: "style" }],
    ["another chance", { seed: Math.floor(Math.random() * 1e6) }],
  ].filter(Boolean);
}

export function mountDone(root) {
  const draw = () => {
    const job = studio.get("jobs").get(studio.get("job") ?? painting.get("last"));
    root.hidden = job?.state !== "done";
    if (root.hidden) { root.replaceChildren(); return; }
    const { result } = job;
    const onStage = studio.get("job") === job.id;
    const facts = [`${result.width} × ${result.height} pixels`, `painted in ${duration(took(job))}`, result.interrupted && "stopped early"].filter(Boolean).join(" · ");
    const form = pictureForm(job);
    const forms = [...new Set([form, "jpg", ...result.files])].filter((one) => result.files.includes(one));
    root.classList.toggle("away", !onStage);
    if (!onStage) { // the stage has gone on: one line leads back
      root.replaceChildren(h("h2", { class: "unseen" }, "Your last picture"), h("img", { src: `/api/jobs/${job.id}/thumb`, alt: "", width: 44, height: 44 }),
        h("p", { class: "grow small" }, h("span", { class: "soft" }, "Painted last: "), titleOf(job)), h("button", { class: "button small", type: "button", onclick: () => watch(job) }, "Show it"));
      return;
    }
    root.replaceChildren(...[
      h("div", { class: "row spread" }, h("h2", { class: "cut grow" }, "Your picture"),
        h("button", { class: "button small icon star", type: "button", ariaPressed: String(job.starred), ariaLabel: "Star: never cleared away", title: "Starred pictures are never cleared away", onclick: () => star(job, !job.starred) }, icon("star"))),
      result.likeness && h("p", {}, sentence(result.likeness.words), h("span", { class: "soft small numbers" }, ` (likeness ${Math.round(result.likeness.value * 100)} %)`)),
      h("p", { class: "soft small numbers" }, facts),
      result.notes.length ? h("ul", { class: "soft small notes" }, result.notes.map((one) => h("li", {}, one))) : null,
      h("div", { class: "row" }, forms.map((one, index) => h("a", { class: index ? "button" : "button main", href: `${resultUrl(job, one)}?download=1`, download: "" }, icon("save"), formOf(one) + (one === "png" ? " with recipe" : "")))),
      forms.includes("png") && h("p", { class: "soft small" }, "“With recipe”: the file itself remembers how it was made."),
      h("details", { class: "again" }, h("summary", {}, icon("again"), "Again with …"),
        h("div", { class: "row" }, variations().map(([words, settings]) => h("button", { class: "button small", type: "button", onclick: () => { change(settings); paint(); } }, words)))),
    ].filter(Boolean));
  };
  let seen = "";
  const drawn = () => {
    const job = studio.get("jobs").get(studio.get("job") ?? painting.get("last"));
    // Progress of other jobs must not take the focus out of this card.
    const now = JSON.stringify([job?.id, job?.state, job?.starred, studio.get("job") === job?.id, studio.get("styles").length, studio.get("job") && [value("quality"), value("strength"), value("colours")]]);
    if (now === seen) return;
    const focused = root.contains(document.activeElement) && document.activeElement.classList.contains("star");
    seen = now;
    draw();
    if (focused) root.querySelector(".star")?.focus();
  };
  const ends = [studio.on(["jobs", "job", "styles", "settings", "preset", "catalogue"], drawn), painting.on(["last"], drawn)];
  return () => ends.forEach((end) => end());
}
