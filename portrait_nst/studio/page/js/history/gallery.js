// The gallery: filter, search, cards, more as one scrolls, and two to be compared.

import { h, icon, unique } from "../dom.js";
import { choice } from "../popart/knobs.js";
import { card, face } from "./card.js";
import { makeSpace } from "./space.js";
import { follow, found, isComplete, more } from "./feed.js";

const STEP = 24;
/** Kept while the page is open: whoever comes back from a picture finds the same place. */
const place = { filter: "all", search: "", shown: STEP, scroll: 0 };

function emptyState() {
  return h("div", { class: "empty-history" }, h("div", { class: "empty-frames", ariaHidden: "true" }, h("i"), h("i"), h("i")),
    h("h2", {}, "Nothing hangs here yet"), h("p", { class: "soft" }, "Every picture that you paint comes here with its recipe, to be looked at, compared and painted again in another way."),
    h("div", { class: "row middle" }, h("a", { class: "button main", href: "#paint" }, icon("brush"), "Paint a portrait"), h("a", { class: "button", href: "#popart" }, "Make pop art")));
}

export function mountGallery(root) {
  let chosen = null; // a Map of two while they are chosen
  let loading = false;
  let failed = "";
  let ended = false;
  const cards = new Map();

  const filter = choice("Show", [["all", "All"], ["stylize", "Paintings"], ["popart", "Pop art"], ["video", "Films"], ["starred", "Starred"], ["failed", "Failed or cancelled"]], (word) => { place.filter = word; again(true); });
  filter.element.querySelector("legend").classList.add("unseen");
  filter.show(place.filter);
  const id = unique("search");
  const search = h("input", { class: "input", id, type: "search", placeholder: "Search titles and styles", value: place.search, autocomplete: "off", oninput: () => { place.search = search.value.trim(); again(true); } });
  const compare = h("button", { class: "button", type: "button", ariaPressed: "false", onclick: () => choose(!chosen) }, "Compare two");
  const tools = h("div", { class: "gallery-tools" }, filter.element, h("div", { class: "gallery-search" }, h("label", { class: "unseen", htmlFor: id }, "Search titles and styles"), icon("search"), search), compare);
  const hint = h("p", { class: "hint", role: "status", hidden: true });
  const list = h("ul", { class: "shots", ariaLabel: "Pictures" });
  const count = h("p", { class: "unseen", role: "status" });
  const end = h("div", { class: "gallery-end soft" });
  const button = h("button", { class: "button", type: "button", onclick: () => grow() }, "Show more");
  const space = makeSpace();
  root.append(h("div", { class: "view one history" }, h("h1", {}, "History"), tools, space.element, hint, list, end, count));

  function choose(on) {
    chosen = on ? new Map() : null;
    compare.ariaPressed = String(on);
    compare.textContent = on ? "Do not compare" : "Compare two";
    cards.clear();
    hint.hidden = !on;
    hint.textContent = on ? "Choose two pictures." : "";
    draw();
  }
  const choosing = { has: (key) => chosen.has(key), toggle(job) {
    if (chosen.has(job.id)) chosen.delete(job.id);
    else chosen.set(job.id, job);
    if (chosen.size === 2) { place.scroll = scrollY; location.hash = `#history/${[...chosen.keys()].join("+")}`; return; }
    hint.textContent = chosen.size ? "Choose one more." : "Choose two pictures.";
    const focused = document.activeElement?.closest("li");
    cards.delete(job.id);
    draw();
    if (focused) cards.get(job.id)?.element.querySelector("button").focus();
  } };

  function draw() {
    const jobs = found(place.filter, place.search);
    const visible = jobs.slice(0, place.shown);
    const keep = new Set(visible.map((job) => job.id));
    for (const key of [...cards.keys()]) if (!keep.has(key)) cards.delete(key);
    const elements = visible.map((job) => {
      const known = cards.get(job.id);
      if (known?.face === face(job)) return known.element;
      const element = card(job, chosen && choosing);
      if (known && known.element.contains(document.activeElement)) requestAnimationFrame(() => element.querySelector("a, button")?.focus());
      cards.set(job.id, { element, face: face(job) });
      return element;
    });
    const now = [...list.children];
    if (elements.length !== now.length || elements.some((element, index) => element !== now[index])) list.replaceChildren(...elements);
    const nothing = !jobs.length && isComplete();
    const none = nothing && place.filter === "all" && !place.search;
    tools.hidden = none;
    list.hidden = !jobs.length;
    if (failed) end.replaceChildren(h("p", { class: "bad" }, failed), h("button", { class: "button", type: "button", onclick: () => { failed = ""; load(); } }, "Try again"));
    else if (none) end.replaceChildren(emptyState());
    else if (nothing) end.replaceChildren(h("p", {}, place.search ? `Nothing is called “${place.search}”.` : "There is nothing of this kind yet."));
    else if (loading) end.replaceChildren(h("p", {}, "Looking …"));
    else if (jobs.length > place.shown || !isComplete()) { if (!button.isConnected) end.replaceChildren(button); } else end.replaceChildren();
    compare.disabled = jobs.filter((job) => job.state === "done" && job.kind !== "video").length < 2 && !chosen;
  }

  /** Load until a step more than what is seen is known, or everything is. */
  async function load() {
    if (loading || failed) return;
    loading = true;
    try { while (!ended && found(place.filter, place.search).length < place.shown && await more()) draw(); } catch (error) { failed = error.message; }
    loading = false;
    if (!ended) draw();
  }
  /** Told anew whether the end is in sight: it may have come there while something was loaded. */
  function look() { watcher.unobserve(end); if (!ended) watcher.observe(end); }
  function grow() { place.shown += STEP; draw(); load().then(look); }
  function again(reset) {
    if (reset) place.shown = STEP;
    draw();
    load().then(() => { count.textContent = `${found(place.filter, place.search).length}${isComplete() ? "" : " or more"} pictures`; look(); });
  }

  const watcher = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting) && button.isConnected && !loading) grow(); }, { rootMargin: "600px" });
  watcher.observe(end);
  const off = follow(draw);
  again(false);
  const scroll = place.scroll;
  if (scroll) requestAnimationFrame(() => scrollTo(0, scroll));
  const remember = () => { place.scroll = scrollY; };
  list.addEventListener("click", remember);
  return () => { ended = true; off(); watcher.disconnect(); };
}
