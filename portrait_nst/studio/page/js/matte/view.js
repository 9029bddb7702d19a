// What is seen of the mask: a red veil over what is not painted, the person cut out, or the mask alone.

import { joined } from "./correction.js";

export const LOOKS = { veil: "Red veil", cut: "Cut out", mask: "Mask" };
const VEIL = [214, 40, 30, 150]; // red, green, blue, alpha of what is not painted

/** A canvas over the photo that follows `correction`; draw(rect) asks for a part, which comes with the next frame. */
export class MatteView {
  /** photo: an image of the size of the correction. */
  constructor(correction, photo) {
    Object.assign(this, { correction, photo, look: "veil", rect: null, waiting: 0, pixels: null });
    this.canvas = document.createElement("canvas");
    this.canvas.width = correction.width;
    this.canvas.height = correction.height;
    this.context = this.canvas.getContext("2d");
    this.draw(correction.all);
  }

  show(look) {
    this.look = look;
    this.draw(this.correction.all);
  }

  draw(rect) {
    if (!rect) return;
    this.rect = joined(this.rect, rect);
    this.waiting ||= requestAnimationFrame(() => { this.waiting = 0; this.now(); });
  }

  close() { cancelAnimationFrame(this.waiting); }

  now() {
    const { left, top, right, bottom } = this.rect;
    this.rect = null;
    const { correction, look } = this;
    const piece = new ImageData(right - left, bottom - top);
    const { data } = piece;
    const photo = look === "cut" ? this.photoPixels() : null;
    for (let row = top, place = 0; row < bottom; row += 1) {
      for (let index = row * correction.width + left, end = row * correction.width + right; index < end; index += 1, place += 4) {
        const value = correction.at(index);
        if (look === "veil") {
          data[place] = VEIL[0]; data[place + 1] = VEIL[1]; data[place + 2] = VEIL[2];
          data[place + 3] = VEIL[3] * (1 - value / 255);
        } else if (photo) {
          data[place] = photo[index * 4]; data[place + 1] = photo[index * 4 + 1]; data[place + 2] = photo[index * 4 + 2];
          data[place + 3] = value;
        } else {
          data[place] = data[place + 1] = data[place + 2] = value;
          data[place + 3] = 255;
        }
      }
    }
    this.context.putImageData(piece, left, top);
  }

  photoPixels() {
    if (!this.pixels) {
      const { width, height } = this.correction;
      const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
      context.drawImage(this.photo, 0, 0, width, height);
      this.pixels = context.getImageData(0, 0, width, height).data;
    }
    return this.pixels;
  }
}
