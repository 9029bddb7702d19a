// The panel of the Paint view: from the style to the finished picture.

import { h } from "./dom.js";
import { mountWall } from "./styles/wall.js";
import { mountMix } from "./styles/mix.js";
import { mountMovements } from "./styles/movements.js";
import { mountBackground } from "./styles/background.js";
import { mountHints } from "./hints.js";
import { mountKnobs } from "./knobs.js";
import { mountPresets } from "./presets.js";
import { mountDrawer } from "./drawer.js";
import { mountDone } from "./done.js";
import { mountJob } from "./job.js";
import { followPreview } from "./preview.js";

/** Fill `root` with cards; returns what ends them. */
export function mountPanel(root) {
  const done = h("section", { class: "card done", ariaLabel: "The finished picture" });
  const style = h("section", { class: "card", ariaLabel: "Style" });
  const look = h("section", { class: "card", ariaLabel: "How it is painted" });
  const more = h("section", { class: "card more", ariaLabel: "Presets and all settings" });
  const bar = h("section", { class: "paintbar", ariaLabel: "Paint" });
  root.classList.add("painting");
  root.append(done, style, look, more, bar);
  const ends = [
    mountDone(done), mountWall(style), mountMix(style), mountMovements(style), mountHints(style),
    mountKnobs(look), mountBackground(look), mountPresets(more), mountDrawer(more), mountJob(bar), followPreview(),
  ];
  return () => ends.forEach((end) => end?.());
}
