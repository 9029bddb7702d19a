// What there is to say of the preview, and the offer to learn a style for which there is no network yet.

import { h } from "./dom.js";
import { unfinished } from "./jobs.js";
import { paint } from "./painting.js";
import { preview } from "./preview.js";
import { recipe, studio } from "./store.js";

const isLearned = ({ style }) => studio.get("styles").find((one) => one.id === style)?.learned !== false;

export function mountHints(root) {
  const notes = h("ul", { class: "soft small notes" });
  const learn = h("button", { class: "button small", type: "button", onclick: () => paint({ quality: "instant", learn: true }) }, "Learn it (about three minutes)");
  const box = h("div", { class: "hints" }, notes, learn);
  root.append(box);

  function show() {
    const words = studio.get("job") ? [] : [...new Set(preview.get("notes"))];
    notes.replaceChildren(...words.map((one) => h("li", {}, one)));
    notes.hidden = !words.length;
    learn.hidden = !recipe("stylize") || studio.get("style").every(isLearned) || unfinished().some((job) => job.request.settings?.learn);
    box.hidden = notes.hidden && learn.hidden;
  }
  const ends = [preview.on(["notes"], show), studio.on(["style", "styles", "job", "jobs", "photo"], show)];
  return () => ends.forEach((end) => end());
}
