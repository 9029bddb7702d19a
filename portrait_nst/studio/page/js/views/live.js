// Live: the camera painted by the instant network.

import { announce, h, icon, unique } from "../dom.js";
import { deviceOf, listCameras, looksAway, openCamera, still, stopCamera } from "../live/device.js";
import { Link } from "../live/link.js";
import { Loop } from "../live/loop.js";
import { livePicture } from "../live/picture.js";
import { shotCard } from "../live/shot.js";
import { styleStrip } from "../live/styles.js";
import { studio } from "../store.js";

export const title = "Live";

const PAUSE = 200; // milliseconds between two changes of the strength that are sent while the knob turns
const LONGEST = 320; // pixels of what is painted
const choice = { style: "", strength: 0.5, everything: false, mirror: true, device: "" }; // stays when the view is left

export function mount(main) {
  const view = new Live();
  main.append(view.element);
  const unhear = studio.on(["styles"], () => view.fill());
  const hidden = () => { if (document.visibilityState === "hidden") view.pause(); };
  document.addEventListener("visibilitychange", hidden);
  return () => {
    document.removeEventListener("visibilitychange", hidden);
    unhear();
    view.stop("");
  };
}

class Live {
  #stream = null;
  #link = null;
  #loop = null;
  #turn = 0;
  #later = 0;
  #ticking = 0;

  constructor() {
    this.picture = livePicture();
    this.strip = styleStrip((id) => { choice.style = id; this.#wish(); });
    const knob = unique("strength");
    const output = h("output", { htmlFor: knob }, percent(choice.strength));
    const strength = h("input", { type: "range", id: knob, min: 0, max: 1, step: 0.05, value: choice.strength,
      oninput: () => { choice.strength = Number(strength.value); output.textContent = percent(choice.strength); this.#wishSoon(); } });
    const name = unique("painted");
    const part = (label, everything) => h("label", {},
      h("input", { type: "radio", name, checked: choice.everything === everything, onchange: () => { choice.everything = everything; this.#wish(); } }), h("span", {}, label));
    this.mirror = h("input", { type: "checkbox", checked: choice.mirror, onchange: () => { choice.mirror = this.mirror.checked; this.picture.mirror(choice.mirror); } });
    this.camera = h("select", { ariaLabel: "Camera", hidden: true, onchange: () => { choice.device = this.camera.value; this.start(); } });
    this.notes = h("ul", { class: "small soft live-notes" });
    this.shots = h("div", { class: "live-shots" });
    this.pace = h("p", { class: "small soft numbers live-pace", ariaHidden: "true" });
    this.main = h("button", { class: "button main live-main", type: "button", onclick: () => (this.#stream ? this.stop("Stopped.") : this.start()) });
    this.snap = h("button", { class: "button main", type: "button", disabled: true, onclick: () => this.#take() }, icon("camera"), "Take a picture");
    this.before = h("button", { class: "button", type: "button", ariaPressed: "false", title: "Show what the camera sees; or hold the picture",
      onclick: () => this.#compare(this.before.getAttribute("aria-pressed") !== "true") }, "Unpainted");
    this.full = h("button", { class: "button icon live-full", type: "button", ariaLabel: "Full screen", title: "Full screen",
      onclick: () => (document.fullscreenElement ? document.exitFullscreen() : this.stage.requestFullscreen()) }, icon("full"));
    this.stage = h("div", { class: "stage live-stage" }, h("h1", { class: "unseen" }, title), this.picture.element,
      h("div", { class: "live-below" }, h("div", { class: "row live-actions" }, this.main, this.snap, this.before), this.pace));
    this.picture.element.append(this.full);
    this.element = h("div", { class: "view bench live" }, this.stage,
      h("div", { class: "panel" }, this.shots,
        h("section", { class: "card", ariaLabel: "How it is painted" }, this.strip,
          h("div", { class: "knob" }, h("label", { class: "label", htmlFor: knob }, "Strength"), output, strength),
          h("fieldset", {}, h("legend", { class: "label" }, "What is painted"), h("div", { class: "switch" }, part("The person", false), part("Everything", true)))),
        h("section", { class: "card", ariaLabel: "Camera" }, this.camera, h("label", { class: "check" }, this.mirror, "As in a mirror"),
          h("p", { class: "small soft" }, "What the camera sees goes to the studio alone. Nothing is kept unless you take a picture.")),
        this.notes));
    this.#idle();
  }

  fill() {
    const styles = studio.get("styles");
    if (!styles.some(({ id }) => id === choice.style)) choice.style = studio.get("style")[0]?.style ?? "";
    if (!styles.some(({ id }) => id === choice.style)) choice.style = styles[0]?.id ?? "";
    this.strip.show(styles, choice.style);
    this.main.disabled = !choice.style;
  }

  async start({ takeOver = false } = {}) {
    this.stop("");
    const turn = ++this.#turn;
    const isMine = () => turn === this.#turn;
    this.#show("stop", "Stop");
    this.picture.say("The camera is opened …");
    try {
      // The process loads while the user is asked for the camera.
      const link = this.#link = new Link({
        picture: (blob, delay) => { if (isMine()) this.#loop?.draw(blob, delay); },
        state: (facts) => { if (isMine()) this.#state(facts); },
        end: (reason) => { if (isMine()) this.#ended(reason); },
      }, { takeOver });
      link.opened.then(() => { if (isMine()) this.#wish(); });
      const stream = await openCamera({ device: choice.device }).catch((error) => {
        if (!choice.device) throw error;
        choice.device = ""; // it was unplugged: any other will do
        return openCamera();
      });
      if (!isMine()) return stopCamera(stream);
      this.#stream = stream;
      await this.picture.play(stream);
      if (!isMine()) return;
      if (looksAway(stream)) choice.mirror = this.mirror.checked = false;
      this.picture.mirror(choice.mirror);
      stream.getVideoTracks()[0].addEventListener("ended", () => { if (isMine()) this.stop("The camera gives no more pictures; is it still plugged in?", true); });
      this.picture.say("Getting ready …");
      announce("The camera is on. Painting gets ready.");
      this.snap.disabled = false;
      this.#loop = new Loop(this.picture.video, this.picture.canvas, link);
      this.#ticking = setInterval(() => this.#tell(), 500);
      await this.#listCameras(stream);
    } catch (error) {
      if (isMine() && error.name !== "AbortError") this.stop(error.message, true);
    }
  }

  /** End it; the stage says `words`. */
  stop(words, bad = false, action = null) {
    this.#turn += 1;
    clearInterval(this.#ticking);
    clearTimeout(this.#later);
    this.#loop?.stop();
    this.#link?.close();
    stopCamera(this.#stream);
    this.#stream = this.#loop = this.#link = null;
    this.#idle();
    if (words) { this.picture.say(words, { bad, action }); announce(words); }
  }

  /** Nobody is looking: neither camera nor painter work for nobody. */
  pause() {
    if (this.#link) this.stop("It stopped while this page was not in view.", false, { label: "Go on", run: () => this.start() });
  }

  #idle() {
    this.#show("camera", "Start the camera");
    this.snap.disabled = true;
    this.#compare(false);
    this.pace.textContent = "";
    this.picture.clear();
    this.picture.invite();
  }

  /** The main button is the one that is pressed next: the camera, or once it is on the shutter. */
  #show(sign, label) {
    const on = sign === "stop";
    this.main.replaceChildren(icon(sign), label);
    this.main.classList.toggle("main", !on);
    for (const button of [this.snap, this.before]) button.hidden = !on;
    this.full.hidden = !on || !document.fullscreenEnabled;
  }

  #wish() {
    this.#link?.wish({ style: [{ style: choice.style, share: 1 }], strength: choice.strength, all: choice.everything, longest: LONGEST });
  }

  #wishSoon() {
    this.#later ||= setTimeout(() => { this.#later = 0; this.#wish(); }, PAUSE);
  }

  #state({ ready, someone, notes }) {
    const words = ready ? "" : someone || choice.everything ? "Getting ready …" : "Nobody is seen yet: come into the picture.";
    if (ready && !this.picture.isPainted) announce("It is painted now.");
    this.picture.painted(ready);
    this.picture.say(words);
    this.notes.replaceChildren(...notes.map((note) => h("li", {}, note)));
  }

  #ended({ error, busy }) {
    this.stop(error, !busy, busy ? { label: "Go on here", run: () => this.start({ takeOver: true }) } : null);
  }

  #tell() {
    const pace = this.#loop?.pace();
    this.pace.textContent = pace ? `${Math.round(pace.rate)} pictures a second · ${Math.round(pace.delay / 10) / 100} s behind` : "";
  }

  #compare(on) {
    this.before.setAttribute("aria-pressed", String(on));
    this.picture.compare(on);
  }

  async #listCameras(stream) {
    const cameras = await listCameras();
    this.camera.replaceChildren(...cameras.map(({ id, label }) => h("option", { value: id, selected: id === deviceOf(stream) }, label)));
    this.camera.hidden = cameras.length < 2;
  }

  async #take() {
    this.snap.disabled = true;
    const [photo, painted] = await Promise.all([still(this.picture.video), this.picture.paintedNow()]);
    this.snap.disabled = !this.#stream;
    if (document.fullscreenElement) await document.exitFullscreen();
    const card = shotCard(photo, painted, { ...choice }, () => this.snap.focus());
    this.shots.replaceChildren(card); // the newest alone
    card.querySelector(".button.main").focus();
    card.scrollIntoView({ block: "nearest" });
    announce("The picture is taken. Paint it properly, or open it in Paint.");
  }
}

const percent = (share) => `${Math.round(100 * share)} %`;
