// The editor without a mouse: tools by letters, and a brush that the arrow keys move.

import { LOOKS } from "./view.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Follow the keys of `dialog`. pen: {move(dx, dy, fine), down(), up(), isDown()} is the brush that the arrow keys move while `port` has the focus.
 * Returns {panning(): whether space is held to move the picture, hovered(), pointed(): to be called when a mouse moves, and when it
 * or a finger begins}.
 */
export function followKeys(dialog, port, state, act, pen) {
  let [space, latched, byKeys] = [false, false, true];

  const letters = {
    a: () => act.tool("add"), r: () => act.tool("remove"), s: () => act.tool("soften"),
    "[": () => act.size(state.size / 1.2), "]": () => act.size(state.size * 1.2),
    "{": () => act.hardness(state.hardness - 0.1), "}": () => act.hardness(state.hardness + 0.1),
    "+": () => act.zoom(1.25), "=": () => act.zoom(1.25), "-": () => act.zoom(0.8), 0: act.fit, 1: act.whole,
    v: () => { const names = Object.keys(LOOKS); act.look(names[(names.indexOf(state.look) + 1) % names.length]); },
  };

  function down(event) {
    if (event.target.closest("dialog") !== dialog) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") { event.preventDefault(); (event.shiftKey ? act.redo : act.undo)(); }
      if (key === "y") { event.preventDefault(); act.redo(); }
      return;
    }
    if (event.altKey) return;
    if (letters[key]) { event.preventDefault(); letters[key](); return; }
    if (event.target !== port) return;
    if (ARROWS[key]) {
      event.preventDefault();
      byKeys = true;
      pen.move(...ARROWS[key], event.shiftKey);
    } else if (key === " ") {
      event.preventDefault();
      if (event.repeat || space) return;
      space = true;
      if (byKeys && !latched) pen.down();
    } else if (key === "Enter" && !event.repeat) {
      event.preventDefault();
      byKeys = true;
      latched = !latched;
      if (latched) pen.down(); else pen.up();
    }
  }

  const lift = () => { if (pen.isDown()) pen.up(); [space, latched] = [false, false]; };
  dialog.addEventListener("keydown", down);
  dialog.addEventListener("keyup", (event) => {
    if (event.key !== " ") return;
    space = false;
    if (!latched && pen.isDown()) pen.up();
  });
  port.addEventListener("blur", lift);
  return {
    panning: () => space,
    hovered: () => { if (!pen.isDown()) byKeys = false; },
    pointed: () => { byKeys = false; if (pen.isDown()) lift(); },
  };
}
