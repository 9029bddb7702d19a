// The mask's editor: a window over the whole page, with the photo, its mask and the brushes.

import { announce, h, icon } from "../dom.js";
import { Correction } from "./correction.js";
import { followKeys } from "./keys.js";
import { followPointers } from "./pointer.js";
import { bring, fetched, forget, save, sharper } from "./source.js";
import { tools } from "./tools.js";
import { MatteView } from "./view.js";
import { Zoom } from "./zoom.js";

/** Let the user correct the mask of what is painted; resolves to the new mask, a Thing, or to null. */
export function editMask() {
  return new Promise((resolve) => {
    const words = h("p", { class: "matte-words", role: "status" }, "The mask is fetched …");
    const body = h("div", { class: "matte-body" }, h("div", { class: "matte-port waiting" }), h("div", { class: "matte-tools" }));
    const keep = h("button", { class: "button main", type: "button", disabled: true }, icon("check"), "Save");
    const dialog = h("dialog", { class: "matte", ariaLabel: "Correct the mask" },
      h("div", { class: "matte-head" }, h("h2", {}, "Correct the mask"), words, h("div", { class: "row nowrap" },
        h("button", { class: "button", type: "button", onclick: () => leave() }, "Cancel"), keep)), body);
    let editing = null;

    const close = (thing) => { editing?.close(); dialog.close(); dialog.remove(); resolve(thing); };
    const leave = async () => {
      if (editing?.changed() && !await sure(dialog)) return;
      if (editing?.brought()) forget(editing.brought());
      close(null);
    };
    const tell = (text, bad = false) => { words.textContent = text; words.classList.toggle("bad", bad); };

    keep.addEventListener("click", async () => {
      if (!editing.changed()) { close(editing.brought()); return; }
      keep.disabled = true;
      tell("The mask is saved …");
      try { close(await editing.save()); announce("The mask is saved."); } catch (error) { tell(error.message, true); keep.disabled = false; keep.focus(); }
    });
    dialog.addEventListener("cancel", (event) => { if (event.target === dialog) { event.preventDefault(); leave(); } });
    document.body.append(dialog);
    dialog.showModal();
    fetched().then((source) => {
      if (!dialog.isConnected) return;
      editing = edit(dialog, body, source, tell);
      tell(source.note);
      keep.disabled = false;
    }).catch((error) => tell(error.message, true));
  });
}

/** Ask whether what was done may go. */
function sure(parent) {
  return new Promise((resolve) => {
    const box = h("dialog", { class: "ask", ariaLabel: "Throw the changes away?" },
      h("h2", {}, "Throw the changes away?"), h("p", {}, "What you painted on the mask is not saved."),
      h("div", { class: "row end" },
        h("button", { class: "button", type: "button", autofocus: true, onclick: () => done(false) }, "Keep editing"),
        h("button", { class: "button main", type: "button", onclick: () => done(true) }, "Throw away")));
    const done = (yes) => { box.close(); box.remove(); resolve(yes); };
    box.addEventListener("cancel", (event) => { event.preventDefault(); event.stopPropagation(); done(false); });
    parent.append(box);
    box.showModal();
  });
}

function edit(dialog, body, source, tell) {
  const { width, height, photo } = source;
  let correction = new Correction(width, height, source.base);
  let brought = null;
  const most = Math.round(Math.max(width, height) / 2);
  const state = { tool: "add", size: Math.round(Math.max(width, height) / 16), hardness: 0.7, look: "veil" };

  const picture = h("canvas", { class: "matte-photo", width, height });
  picture.getContext("2d").drawImage(source.picture, 0, 0);
  let view = new MatteView(correction, source.picture);
  const world = h("div", { class: "matte-world" }, picture, view.canvas);
  const ring = h("div", { class: "ring", hidden: true }, h("div", { class: "ring-in" }));
  const port = h("div", { class: "matte-port", tabIndex: 0, role: "application", ariaLabel: "Mask over the photo. Arrow keys move the brush, Space paints." }, world, ring);
  const full = photo.width / width;
  let close = null; // a sharper photo, once it is looked at closely
  const zoom = new Zoom(port, world, width, height, full, () => {
    show();
    placeRing();
    if (zoom.scale > 1.3 && close === null) { close = true; sharper(photo).then((found) => found && sharpen(found)); }
  });

  function sharpen(found) {
    [picture.width, picture.height] = [found.width, found.height];
    picture.getContext("2d").drawImage(found, 0, 0);
  }

  const clamp = (value, least, top) => Math.min(top, Math.max(least, value));
  const change = (changes) => { Object.assign(state, changes); show(); placeRing(); };
  const redraw = (rect) => { view.draw(rect); show(); };
  const act = {
    tool: (tool) => change({ tool }),
    size: (size) => change({ size: clamp(size, 2, most) }),
    hardness: (hardness) => change({ hardness: clamp(hardness, 0, 1) }),
    look: (look) => { change({ look }); dialog.dataset.look = look; view.show(look); },
    undo: () => { if (correction.done.length) { redraw(correction.undo()); announce("Undone"); } },
    redo: () => { if (correction.undone.length) { redraw(correction.redo()); announce("Done again"); } },
    reset: () => { if (correction.changed) { redraw(correction.reset()); announce("The mask is as it was found."); } },
    fit: () => zoom.fit(), whole: () => zoom.whole(), zoom: (factor) => zoom.by(factor),
    async upload(file) {
      tell(`${file.name} is on its way …`);
      try {
        const [thing, base] = await bring(source, file);
        brought = thing;
        source.start = { person: "all", base: thing.id };
        view.close();
        correction = new Correction(width, height, base);
        const next = new MatteView(correction, source.picture);
        view.canvas.replaceWith(next.canvas);
        view = next;
        view.show(state.look);
        show();
        tell(`${file.name} is the mask now.`);
      } catch (error) { tell(error.message, true); }
    },
  };
  const bar = tools(state, most, full, act);
  function show() { bar?.show({ ...state, done: correction.done.length, undone: correction.undone.length, changed: correction.changed, zoom: zoom.scale / full }); }

  // The ring shows how large and how hard the brush is, where the pointer or the keys' cursor is.
  let at = null; // in pixels of the picture
  function placeRing() {
    ring.hidden = !at;
    if (!at) return;
    const across = state.size * zoom.scale;
    ring.style.width = ring.style.height = `${across}px`;
    ring.style.transform = `translate(${zoom.x + at[0] * zoom.scale - across / 2}px, ${zoom.y + at[1] * zoom.scale - across / 2}px)`;
    ring.style.setProperty("--hard", `${state.hardness * 100}%`);
  }

  const stroke = (x, y, pressure) => view.draw(correction.to(x, y, state.size * pressure / 2));
  const brush = {
    begin(x, y, pressure) { keys.pointed(); correction.begin(state.tool, state.hardness, state.size); stroke(x, y, pressure); },
    to: stroke,
    end() { correction.end(); show(); },
    drop() { view.draw(correction.drop()); show(); },
    hover(x, y) { if (x !== null) keys.hovered(); at = x === null ? null : zoom.point(x, y); placeRing(); },
  };
  let cursor = [width / 2, height / 2];
  let telling = 0;
  const pen = {
    isDown: () => correction.current !== null,
    move(dx, dy, fine) {
      const step = fine ? 1 : Math.max(1, state.size / 4);
      cursor = [clamp(cursor[0] + dx * step, 0, width - 1), clamp(cursor[1] + dy * step, 0, height - 1)];
      at = cursor;
      zoom.reveal(...cursor);
      if (pen.isDown()) stroke(...cursor, 1);
      placeRing();
      clearTimeout(telling);
      telling = setTimeout(() => {
        const value = Math.round(correction.at(Math.floor(cursor[1]) * width + Math.floor(cursor[0])) / 2.55);
        tell(`${Math.round(100 * cursor[0] / width)} % from the left, ${Math.round(100 * cursor[1] / height)} % from the top: ${value} % painted`);
      }, 500);
    },
    down() { at = cursor; placeRing(); correction.begin(state.tool, state.hardness, state.size); stroke(...cursor, 1); },
    up() { brush.end(); },
  };
  port.addEventListener("focus", () => { if (port.matches(":focus-visible")) { at = cursor; placeRing(); } });
  port.addEventListener("blur", () => { at = null; placeRing(); });
  body.replaceChildren(port, bar.box);
  dialog.dataset.look = state.look;
  const keys = followKeys(dialog, port, state, act, pen);
  followPointers(port, zoom, brush, keys.panning);
  zoom.fit();
  port.focus({ preventScroll: true });
  return {
    changed: () => correction.changed,
    brought: () => brought,
    save: () => save(source, correction),
    close: () => { clearTimeout(telling); view.close(); zoom.close(); },
  };
}
