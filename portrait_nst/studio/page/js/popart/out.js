// What comes out: the number line, notes, downloads, and the way into the history.

import { call } from "../api.js";
import { h, icon, toast, unique } from "../dom.js";
import { sameAs } from "../equal.js";
import { isUnfinished, know } from "../jobs.js";
import { sentence } from "../words.js";
import { studio } from "../store.js";

const SHEETS = ["A4", "A3", "letter"];

/** Returns {bar, menu, facts, show(made, recipe), working(), error(text)}. bar: the main button; facts: what there is to say under the picture. */
export function out() {
  let made = null;
  let asked = null; // the recipe of what is seen: another may be chosen already
  const numbers = h("p", { class: "numbers popart-numbers" });
  const notes = h("ul", { class: "notes small soft" });
  const wrong = h("p", { class: "bad", role: "alert" });
  const facts = h("div", { class: "popart-facts" }, numbers, wrong, notes);

  const paper = h("select", { id: unique("paper") }, ...SHEETS.map((size) => h("option", { value: size }, size === "letter" ? "Letter" : size)));
  const link = (text, more = "") => h("a", { class: `button ${more}`, download: "" }, icon("save"), text);
  const links = { png: link("PNG"), svg: link("SVG"), pdf: link("PDF") };
  const sheet = link("Painting sheet", "grow");
  paper.addEventListener("change", aim);
  const size = h("p", { class: "small soft numbers" });
  const menu = h("section", { class: "card", ariaLabel: "Downloads" }, h("h2", {}, "Download"), h("div", { class: "downloads" }, ...Object.values(links)),
    h("div", { class: "row" }, sheet, h("label", { class: "unseen", htmlFor: paper.id }, "Paper of the sheet"), h("span", { class: "paper" }, paper)),
    size, h("p", { class: "small soft" }, "The sheet has numbered outlines and a list of paints, to be painted by hand."));
  const keep = h("button", { class: "button main grow", type: "button", onclick: keeping }, icon("check"), "Keep in history");
  const bar = h("div", { class: "popart-bar" }, keep);

  function aim() {
    const name = (studio.get("photo")?.name ?? "").replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N} ._-]/gu, "") || "portrait";
    for (const [form, element] of Object.entries(links)) {
      element.href = `/api/popart/${made.id}.${form}`;
      element.download = `${name} pop art.${form}`;
    }
    sheet.href = `/api/popart/${made.id}/sheet.pdf?paper=${paper.value}`;
    sheet.download = `${name} painting sheet ${paper.value}.pdf`;
  }

  async function keeping() {
    keep.disabled = true;
    try {
      const body = { ...asked, decided: made.decided };
      const before = sameAs(body, [...studio.get("jobs").values()].filter(({ state }) => state === "done" || isUnfinished({ state })));
      const job = before ?? await call("/api/jobs", { method: "POST", body });
      if (!before) know(job);
      toast(before ? "It is in the history already." : "It is kept in the history.", { action: { label: "Show", run: () => { location.hash = `#history/${job.id}`; } } });
    } catch (error) { toast(error.message, { bad: true }); }
    keep.disabled = !made;
  }

  return {
    bar, menu, facts,
    show(next, body = null) {
      made = next;
      asked = body;
      menu.hidden = keep.disabled = !made;
      wrong.textContent = "";
      numbers.textContent = "";
      size.textContent = made ? `The PNG has ${made.width} × ${made.height} pixels; SVG and PDF have any size.` : "";
      notes.replaceChildren(...(made?.notes ?? []).map((note) => h("li", {}, sentence(note))));
      if (made) aim();
    },
    working() { if (!made) numbers.textContent = "The portrait is divided into segments …"; },
    error(text) { wrong.textContent = text; if (!made) numbers.textContent = ""; },
  };
}
