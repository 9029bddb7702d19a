// Pop art: the picture as it will be on the left, what it is made of on the right; every change is seen at once.

import { announce, h } from "../dom.js";
import { colours } from "../popart/colours.js";
import { look, surroundings } from "../popart/look.js";
import { mini } from "../popart/mini.js";
import { out } from "../popart/out.js";
import { panels } from "../popart/palettes.js";
import { rest } from "../popart/rest.js";
import { runner } from "../popart/run.js";
import { mountStage } from "../stage.js";
import { recipe, studio } from "../store.js";

export const title = "Pop art";

const REST = 250; // ms that a knob must rest, where the portrait is divided anew

export function mount(main) {
  const stage = h("section", { ariaLabel: "Picture" });
  const panel = h("section", { class: "panel", ariaLabel: "How the pop art is made" });
  const view = h("div", { class: "view bench popart" }, h("h1", { class: "unseen" }, title), h("div", { class: "popart-side" }, stage), panel);
  const before = { shown: studio.get("shown"), job: studio.get("job"), photo: studio.get("photo") };
  studio.set({ shown: null, job: null });
  main.append(view);
  const leaveStage = mountStage(stage);
  let leavePanel = null;
  const off = studio.on(["catalogue"], () => { if (studio.get("catalogue") && !leavePanel) leavePanel = fill(view, stage, panel); });
  return () => {
    off();
    leavePanel?.();
    leaveStage();
    const same = before.photo === studio.get("photo");
    studio.set({ shown: same ? before.shown : null, job: same ? before.job : null });
  };
}

function fill(view, stage, panel) {
  const catalogue = studio.get("catalogue");
  const defaults = Object.fromEntries(catalogue.popart.map((setting) => [setting.name, setting.default]));
  const value = (name) => studio.get("popart")[name] ?? defaults[name];
  let later = 0;
  let made = null;
  let lastSaid = "";

  function set(changes, rests = false) {
    const popart = { ...studio.get("popart"), ...changes };
    if (popart.mode === "grid" && (changes.mode || changes.grid) && (popart.palette || !catalogue.palette_defaults?.grid || changes.grid)) popart.palette = panels(popart.palette, popart.grid ?? defaults.grid, catalogue).join(";");
    if (changes.mode && changes.mode !== "grid" && popart.palette?.includes(";")) popart.palette = popart.palette.split(";")[0];
    for (const name of Object.keys(popart)) if (JSON.stringify(popart[name]) === JSON.stringify(defaults[name])) delete popart[name];
    waits = rests;
    studio.set({ popart });
  }
  let waits = false;

  const output = out();
  const parts = [look(catalogue, value, set), colours(catalogue, value, set), surroundings(catalogue, value, set), rest(catalogue, () => studio.get("popart"), (name, next) => set({ [name]: next }))];
  panel.replaceChildren(...parts.map(({ element }) => element), output.menu, output.bar);
  view.querySelector(".popart-side").append(output.facts);

  const small = mini(stage);
  output.bar.prepend(small.element);

  const run = runner({
    begin: () => { stage.ariaBusy = "true"; view.classList.add("busy"); output.working(); },
    made(composition, url, asked) {
      made = composition;
      output.show(made, asked);
      small.show(url);
      view.classList.toggle("clear", asked.popart.background === "transparent");
      view.classList.remove("stale");
      studio.set({ shown: { kind: "popart", url, words: `Pop art of ${studio.get("photo")?.name || "the photo"} · ${made.segments} segments, ${asked.popart.tones ?? defaults.tones} tones`, ratio: made.width / made.height } });
      draw();
    },
    error(problem) {
      output.error(problem.message);
      announce(problem.message);
      const shown = studio.get("shown");
      if (!made || shown?.kind !== "popart") return;
      view.classList.add("stale"); // what is seen is not what was chosen
      studio.set({ shown: { ...shown, words: "Not these colours or settings: this is the picture before." } });
    },
    end() {
      stage.ariaBusy = "false";
      view.classList.remove("busy");
      const said = made ? `${made.segments} segments, ${value("tones")} tones.` : "";
      if (said !== lastSaid) announce(lastSaid = said);
    },
  }, () => Math.min(1600, Math.round(Math.max(600, stage.clientWidth) * Math.min(2, devicePixelRatio))));

  function draw() {
    parts[0].show();
    parts[1].show(made);
    parts[2].show();
    parts[3].show();
  }

  let photo = studio.get("photo");
  function changed() {
    if (photo !== studio.get("photo")) { photo = studio.get("photo"); made = null; view.classList.remove("stale"); output.show(null); small.show(""); }
    view.classList.toggle("without", !photo);
    draw();
    const asked = recipe("popart");
    clearTimeout(later);
    if (!asked) return;
    if (waits) later = setTimeout(() => run.ask(asked), REST);
    else run.ask(asked);
    waits = false;
  }
  output.show(null);
  const off = studio.on(["photo", "person", "mask", "popart", "paletteFrom"], changed);
  const offStyles = studio.on(["styles"], draw);
  return () => { off(); offStyles(); clearTimeout(later); run.stop(); small.end(); };
}
