// The card of colours: the wall of palettes, the panels of a grid, the editor, and colours out of a picture.

import { upload } from "../api.js";
import { announce, h, icon, unique } from "../dom.js";
import { PICTURES } from "../photo.js";
import { studio } from "../store.js";
import { editor } from "./editor.js";
import { palette, panels, resampled, specs, titled, written } from "./palettes.js";
import { stripes, wall } from "./wall.js";

/** value, set: as in look.js. Returns {element, show(made)}; made: the composition that is shown, or null. */
export function colours(catalogue, value, set) {
  const [least, most] = catalogue.popart.find((setting) => setting.name === "tones").range;
  let panel = 0;
  let made = null;
  const isGrid = () => value("mode") === "grid";
  const all = () => (isGrid() ? panels(value("palette"), value("grid"), catalogue) : specs(value("palette")).slice(0, 1));
  const spec = () => all()[isGrid() ? panel : 0] ?? "";
  const inGrid = (chosen) => all().map((one, index) => (index === panel ? chosen : one)).join(";");
  const choose = (chosen, more = {}) => {
    studio.set({ paletteFrom: null });
    set({ palette: isGrid() && chosen ? inGrid(chosen) : chosen, ...more });
  };

  const swatches = wall(catalogue, (name) => {
    if (name === "own" || name === "picture") return;
    choose(name);
    announce(name ? `Palette ${titled(name)}` : "The palette of the mode");
  });
  const edit = editor({ least, most, onreset: () => choose(isGrid() ? "" : ""), onchange(next) {
    choose(written(next), next.colours.length === value("tones") ? {} : { tones: next.colours.length });
  } });

  const places = h("div", { class: "panels" });
  const group = h("fieldset", { class: "grid-panels" }, h("legend", { class: "label" }, "Panel to colour"), places);
  const name = unique("panel");
  function drawPanels() {
    group.hidden = !isGrid();
    if (group.hidden) { panel = 0; return; }
    const [columns, rows] = value("grid");
    panel = Math.min(panel, columns * rows - 1);
    places.style.gridTemplateColumns = `repeat(${columns}, minmax(44px, 72px))`;
    const focused = places.contains(document.activeElement);
    places.replaceChildren(...all().map((one, index) => h("label", { class: "swatch" },
      h("input", { type: "radio", name, checked: index === panel, ariaLabel: `Panel ${index + 1}`, onchange: () => { panel = index; show(made); } }),
      h("span", { class: "swatch-card" }, stripes(palette(one, catalogue) ?? { colours: [], ground: "" })))));
    if (focused) places.querySelectorAll("input")[panel].focus();
  }

  const input = h("input", { type: "file", accept: PICTURES, class: "unseen", tabIndex: -1, ariaLabel: "Picture whose colours are taken", onchange: take });
  const words = h("span", { class: "small soft", role: "status" });
  const select = h("select", { ariaLabel: "A style whose colours are taken", onchange: () => { if (select.value) studio.set({ paletteFrom: select.value }); } });
  const fromPicture = h("div", { class: "field" }, h("span", { class: "label" }, "Take colours from a picture"), h("div", { class: "row from-picture" },
    h("button", { class: "button small", type: "button", onclick: () => input.click() }, icon("open"), "Choose a picture"), input, h("span", { class: "grow" }, select)), words);

  async function take() {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    words.classList.remove("bad");
    words.textContent = `${file.name} is on its way …`;
    try {
      const style = await upload("/api/styles", file, { onshare: (share) => { words.textContent = `${file.name}: ${Math.round(share * 100)} %`; } });
      studio.set({ styles: [{ name: style.name, title: style.name, description: "", uploaded: true, learned: false, ...style }, ...studio.get("styles")], paletteFrom: style.id });
      words.textContent = `Colours of ${file.name}`;
    } catch (error) { words.classList.add("bad"); words.textContent = error.message; words.scrollIntoView({ block: "center", behavior: "instant" }); }
  }

  let listed = null;
  function drawStyles() {
    if (listed !== studio.get("styles")) {
      listed = studio.get("styles");
      select.replaceChildren(h("option", { value: "" }, "or of a style …"), ...listed.map((style) => h("option", { value: style.id }, style.title || style.name)));
    }
    select.value = studio.get("paletteFrom") ?? "";
  }

  /** The colours that the editor shows: those that were asked for, as many as there are tones. */
  function current() {
    const asked = studio.get("paletteFrom") && panel === 0 ? null : palette(spec(), catalogue);
    if (!asked) return made && { colours: made.colours, ground: made.ground };
    const count = value("tones");
    if (asked.colours.length !== count && made?.colours.length === count && panel === 0) return { colours: made.colours, ground: asked.ground || made.ground };
    return { colours: resampled(asked.colours, count), ground: asked.ground || made?.ground };
  }

  function show(next) {
    made = next;
    drawPanels();
    drawStyles();
    const now = current();
    const from = studio.get("paletteFrom");
    swatches.automatic(!isGrid());
    swatches.show(from ? "picture" : spec().startsWith("#") ? "own" : spec(), now);
    edit.element.hidden = !now;
    if (now) edit.show(now);
  }

  const details = h("details", { class: "edit" }, h("summary", {}, "Change single colours"), edit.element);
  const element = h("section", { class: "card", ariaLabel: "Colours" }, group, swatches.element, details, fromPicture);
  return { element, show };
}
