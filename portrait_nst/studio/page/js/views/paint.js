// Paint: the picture on the left, everything that says how it is painted on the right.

import { h, toast } from "../dom.js";
import { mountStage } from "../stage.js";

export const title = "Paint";

export function mount(main) {
  const stage = h("section", { ariaLabel: "Photo and painting" });
  const panel = h("section", { class: "panel", ariaLabel: "How it is painted" });
  main.append(h("div", { class: "view bench" }, h("h1", { class: "unseen" }, title), stage, panel));
  const leave = mountStage(stage);
  let leavePanel = null;
  let gone = false;
  import("../panel.js").then(({ mountPanel }) => { if (!gone) leavePanel = mountPanel(panel) ?? null; })
    .catch((error) => { if (!gone) toast(`The controls cannot be loaded: ${error.message}`, { bad: true }); });
  return () => { gone = true; leave(); leavePanel?.(); };
}
