// A picture of the history as a card.

import { h, icon } from "../dom.js";
import { KINDS, STATES, thumbOf, titleOf, when } from "../words.js";

const ratioOf = (job) => {
  const { width, height } = job.result ?? {};
  return Math.min(2.2, Math.max(0.55, width && height ? width / height : 0.8));
};

/** choosing: null, or {has(id), toggle(job)} while two are chosen to be compared. */
export function card(job, choosing) {
  const title = titleOf(job);
  const done = job.state === "done";
  const image = h("img", { src: thumbOf(job), alt: "", loading: "lazy", decoding: "async", onerror: () => image.classList.add("lost") });
  const state = done ? null : h("span", { class: job.state === "failed" ? "shot-state bad" : "shot-state" },
    h("span", { class: "unseen" }, job.state === "running" && job.progress ? `${STATES.running}, ` : ""), job.state === "running" && job.progress ? `${Math.round(job.progress.share * 100)} %` : STATES[job.state]);
  const picture = h("span", { class: done ? "shot-picture" : "shot-picture dim" }, image, state,
    job.starred && h("span", { class: "shot-star" }, icon("star"), h("span", { class: "unseen" }, "Starred")),
    job.kind === "video" && done && h("span", { class: "shot-film small" }, "Film"));
  const words = h("span", { class: "shot-words" }, h("b", { class: "cut" }, title), h("span", { class: "small soft cut" }, `${KINDS[job.kind]} · ${when(job.made)}`));
  const ratio = ratioOf(job);
  let inner;
  if (choosing) {
    inner = h("button", { class: "shot-link", type: "button", disabled: !done || job.kind === "video", ariaPressed: String(choosing.has(job.id)), onclick: () => choosing.toggle(job) }, picture, words);
  } else inner = h("a", { class: "shot-link", href: `#history/${job.id}` }, picture, words);
  const element = h("li", { class: "shot" }, inner);
  element.style.setProperty("--ratio", String(ratio));
  return element;
}

/** What of a job its card shows: it is drawn anew only when this changes. */
export const face = (job) => JSON.stringify([job.title, job.state, job.starred, Math.round((job.progress?.share ?? 0) * 100), job.result?.width]);
