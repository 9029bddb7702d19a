// From the video to the painter and back to the canvas, as fast as both can.

import { still } from "./device.js";

const SENT = 640; // pixels of the longest side of what is sent
const QUALITY = 0.85;
const RECENT = 20; // frames over which pace and delay are told

/** Sends the video's frames while the link has room, and draws what comes back; `pace()` is {rate, delay}. */
export class Loop {
  #video; #canvas; #link;
  #running = true;
  #busy = false;
  #times = [];
  #drawn = 0;
  #came = 0;

  constructor(video, canvas, link) {
    [this.#video, this.#canvas, this.#link] = [video, canvas, link];
    this.#next();
  }

  stop() { this.#running = false; }

  /** Draw a painted frame; `delay` in milliseconds. */
  async draw(blob, delay) {
    const number = ++this.#came;
    const since = performance.now();
    this.#send(); // there is room for the next one now
    const bitmap = await createImageBitmap(blob);
    if (!this.#running || number < this.#drawn) return bitmap.close();
    this.#drawn = number;
    if (this.#canvas.width !== bitmap.width || this.#canvas.height !== bitmap.height) {
      [this.#canvas.width, this.#canvas.height] = [bitmap.width, bitmap.height];
    }
    this.#canvas.getContext("2d", { alpha: false }).drawImage(bitmap, 0, 0);
    bitmap.close();
    const now = performance.now();
    this.#times.push({ at: now, delay: delay + now - since });
    if (this.#times.length > RECENT) this.#times.shift();
  }

  /** Painted frames a second, and milliseconds from the camera to the page; null before there are some. */
  pace() {
    const [first, last] = [this.#times[0], this.#times.at(-1)];
    if (this.#times.length < 3 || performance.now() - last.at > 2000) return null;
    const sum = this.#times.reduce((total, { delay }) => total + delay, 0);
    return { rate: 1000 * (this.#times.length - 1) / (last.at - first.at), delay: sum / this.#times.length };
  }

  #next() {
    if (!this.#running) return;
    const again = () => { this.#send(); this.#next(); };
    if (this.#video.requestVideoFrameCallback) this.#video.requestVideoFrameCallback(again);
    else setTimeout(again, 33);
  }

  async #send() {
    if (!this.#running || this.#busy || !this.#link.hasRoom || this.#video.readyState < 2 || !this.#video.videoWidth) return;
    this.#busy = true;
    try {
      const taken = performance.now();
      const blob = await still(this.#video, SENT, QUALITY);
      if (this.#running) this.#link.paint(blob, taken);
    } finally { this.#busy = false; }
  }
}
