// The history of this machine: #history is the gallery, #history/ID one picture, #history/ID+ID two of them.

import { h } from "../dom.js";
import { mountDetail } from "../history/detail.js";
import { one } from "../history/feed.js";
import { mountGallery } from "../history/gallery.js";
import { mountPair } from "../history/pair.js";
import { studio } from "../store.js";

export const title = "History";

const lost = (message) => h("div", { class: "view one" }, h("div", { class: "empty" }, h("h1", {}, "Not in the history"), h("p", {}, message), h("p", {}, h("a", { class: "button", href: "#history" }, "To the history"))));

export function mount(main) {
  const ids = location.hash.split("/")[1]?.split("+").filter((id) => /^[0-9a-f]{16}$/.test(id)) ?? [];
  let gone = false;
  let leave = null;
  // The words of recipes need the catalogue.
  const off = studio.on(["catalogue"], async () => {
    if (!studio.get("catalogue") || leave || gone) return;
    if (!ids.length) { leave = mountGallery(main); return; }
    try {
      const jobs = await Promise.all(ids.slice(0, 2).map(one));
      if (gone) return;
      const two = jobs.length === 2 && jobs.every((job) => job.state === "done");
      leave = two ? mountPair(main, jobs) : mountDetail(main, jobs[0]);
    } catch (error) { if (!gone) main.replaceChildren(lost(error.message)); }
  });
  if (!ids.length) main.scrollTo?.(0, 0);
  else scrollTo(0, 0);
  return () => { gone = true; off(); leave?.(); };
}
