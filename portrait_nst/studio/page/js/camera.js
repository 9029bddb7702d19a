// Taking a photo with the camera, in a dialog.

import { announce, h, icon, unique } from "./dom.js";
import { deviceOf, listCameras, looksAway, openCamera, photoName, still, stopCamera } from "./live/device.js";

const WIDTH = 1920; // pixels wished for
const COUNTDOWN = 3; // seconds

/** A photo as a File (JPEG, unmirrored), or null when the dialog was closed without one. */
export function takePhoto() {
  return new Promise((resolve) => {
    const dialog = new Dialog(resolve);
    document.body.append(dialog.element);
    dialog.open();
  });
}

class Dialog {
  #stream = null;
  #taken = null; // {file, url}
  #turn = 0; // what was begun before another camera was chosen, or the dialog closed, is not gone on with
  #resolve;

  constructor(resolve) {
    this.#resolve = resolve;
    const title = unique("camera");
    this.video = h("video", { muted: true, playsInline: true, ariaLabel: "The camera's picture" });
    this.photo = h("img", { hidden: true, alt: "The photo you took" });
    this.count = h("p", { class: "camera-count", hidden: true, ariaHidden: "true" });
    this.words = h("p", { class: "small camera-words", role: "status" }, "The camera is opened …");
    this.choice = h("select", { ariaLabel: "Camera", onchange: () => this.#start(this.choice.value) });
    this.mirror = h("input", { type: "checkbox", checked: true, onchange: () => this.#mirror() });
    this.later = h("input", { type: "checkbox" });
    this.shutter = h("button", { class: "button main", type: "button", disabled: true, onclick: () => this.#take() }, icon("camera"), "Take the photo");
    this.retry = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.#start(this.choice.value) }, icon("again"), "Try again");
    this.use = h("button", { class: "button main", type: "button", hidden: true, onclick: () => this.#close(this.#taken.file) }, icon("check"), "Use this photo");
    this.again = h("button", { class: "button", type: "button", hidden: true, onclick: () => this.#retake() }, icon("again"), "Take another");
    this.options = h("div", { class: "row camera-options" },
      h("label", { class: "check" }, this.later, `Wait ${COUNTDOWN} seconds`), h("label", { class: "check" }, this.mirror, "Show me as in a mirror"));
    this.element = h("dialog", { class: "camera", ariaLabelledby: title, onclose: () => this.#close(null) },
      h("div", { class: "row spread" }, h("h2", { id: title }, "Take a photo"),
        h("button", { class: "button plain icon", type: "button", ariaLabel: "Close without a photo", onclick: () => this.#close(null) }, icon("close"))),
      h("div", { class: "camera-picture" }, this.video, this.photo, this.count),
      this.words, this.choice, this.options,
      h("div", { class: "row camera-buttons" }, this.shutter, this.retry, this.use, this.again));
    this.element.setAttribute("aria-labelledby", title);
    this.choice.hidden = true;
  }

  open() {
    this.element.showModal();
    this.#start("");
  }

  async #start(device) {
    const turn = ++this.#turn;
    stopCamera(this.#stream);
    this.shutter.disabled = true;
    this.retry.hidden = true;
    try {
      const stream = await openCamera({ device, width: WIDTH });
      if (turn !== this.#turn) return stopCamera(stream);
      this.#stream = this.video.srcObject = stream;
      await this.video.play();
      if (turn !== this.#turn) return;
      this.mirror.checked = !looksAway(stream);
      this.#mirror();
      this.#say("");
      this.shutter.disabled = false;
      this.shutter.focus();
      const cameras = await listCameras();
      this.choice.replaceChildren(...cameras.map(({ id, label }) => h("option", { value: id, selected: id === deviceOf(stream) }, label)));
      this.choice.hidden = cameras.length < 2;
    } catch (error) {
      if (turn !== this.#turn || error.name === "AbortError") return;
      this.#say(error.message, true);
      this.retry.hidden = false;
    }
  }

  #mirror() { this.video.classList.toggle("as-mirror", this.mirror.checked); }

  #say(text, bad = false) {
    this.words.textContent = text;
    this.words.classList.toggle("bad", bad);
  }

  async #take() {
    const turn = this.#turn;
    this.shutter.disabled = true;
    for (let left = this.later.checked ? COUNTDOWN : 0; left > 0; left -= 1) {
      this.count.hidden = false;
      this.count.textContent = left;
      announce(String(left));
      await new Promise((done) => { setTimeout(done, 1000); });
      if (turn !== this.#turn) { this.count.hidden = true; return; }
    }
    this.count.hidden = true;
    const blob = await still(this.video);
    if (turn !== this.#turn) return;
    const file = new File([blob], photoName(), { type: blob.type });
    this.#taken = { file, url: URL.createObjectURL(blob) };
    this.photo.src = this.#taken.url;
    this.#review(true);
    this.use.focus();
    announce("The photo is taken. Use it, or take another.");
  }

  #retake() {
    URL.revokeObjectURL(this.#taken.url);
    this.#taken = null;
    this.#review(false);
    this.shutter.disabled = false;
    this.shutter.focus();
  }

  /** Show the photo instead of the camera, or the camera again. */
  #review(on) {
    for (const part of [this.photo, this.use, this.again]) part.hidden = !on;
    for (const part of [this.video, this.shutter, this.options]) part.hidden = on;
  }

  #close(file) {
    this.#turn += 1;
    stopCamera(this.#stream);
    if (this.#taken) URL.revokeObjectURL(this.#taken.url);
    this.element.remove();
    this.#resolve(file);
  }
}
