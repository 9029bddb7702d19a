// The picture of the live view: the camera's video, the painted canvas over it, and words over both.

import { h, icon } from "../dom.js";

export function livePicture() {
  const video = h("video", { muted: true, playsInline: true, ariaHidden: "true" });
  const canvas = h("canvas", { hidden: true, role: "img", ariaLabel: "The camera's picture, painted" });
  const words = h("p", { role: "status" });
  const actions = h("div", { class: "row" });
  const sign = h("span", { class: "live-sign" }, icon("camera"));
  const veil = h("div", { class: "live-veil" }, sign, words, actions);
  const element = h("section", { class: "live-picture", ariaLabel: "Picture" }, video, canvas, veil);
  let [ready, comparing] = [false, false];
  const show = () => {
    canvas.hidden = !ready || comparing;
    element.classList.toggle("covered", !canvas.hidden);
  };

  // Whoever holds the picture sees the camera.
  const hold = (on) => { if (ready) element.classList.toggle("held", on); };
  canvas.addEventListener("pointerdown", () => hold(true));
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) canvas.addEventListener(name, () => hold(false));
  canvas.addEventListener("contextmenu", (event) => event.preventDefault()); // a long touch is a hold

  return {
    element, video, canvas,
    get isPainted() { return ready; },
    async play(stream) {
      video.srcObject = stream;
      await video.play();
      element.style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
      element.classList.add("on");
    },
    clear() {
      video.srcObject = null;
      [ready, comparing] = [false, false];
      element.classList.remove("on", "held");
      show();
    },
    painted(on) { ready = on; show(); },
    compare(on) { comparing = on; show(); },
    mirror(on) { element.classList.toggle("as-mirror", on); },
    /** What is seen before anything is. */
    invite() {
      this.say("See yourself painted while you move.");
      sign.hidden = false;
    },
    /** Words over the picture; "" for none. action: {label, run}. */
    say(text, { bad = false, action = null } = {}) {
      sign.hidden = true;
      words.textContent = text;
      words.classList.toggle("bad", bad);
      veil.hidden = !text;
      actions.replaceChildren(...(action ? [h("button", { class: "button", type: "button", onclick: action.run }, action.label)] : []));
    },
    /** What is painted now, as JPEG; null where nothing is. */
    paintedNow: () => (ready ? new Promise((resolve) => { canvas.toBlob(resolve, "image/jpeg", 0.92); }) : null),
  };
}
