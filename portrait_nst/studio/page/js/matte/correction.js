// The mask in the making: what was found, and over it what was painted by hand, as values only.

const FULL = 65535; // 16 bits, so that many soft strokes over each other lose nothing
const KEPT = 96e6;  // bytes of undo

/** Two rectangles {left, top, right, bottom} as one. */
export const joined = (a, b) => (!a ? b : !b ? a : {
  left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom),
});

/** A correction over a mask of `width` by `height`; base: Uint8Array of the mask that was found, 0 to 255. */
export class Correction {
  constructor(width, height, base) {
    Object.assign(this, { width, height, base });
    const size = width * height;
    // What was painted: its cover, and its value times its cover.
    this.cover = new Uint16Array(size);
    this.ink = new Uint16Array(size);
    this.before = { cover: new Uint16Array(size), ink: new Uint16Array(size) };
    this.stroke = new Uint8Array(size);
    this.current = null;
    this.undone = [];
    this.done = [];
  }

  get all() { return { left: 0, top: 0, right: this.width, bottom: this.height }; }
  get changed() { return this.cover.some((cover) => cover > 0); }

  /** The mask at a pixel, 0 to 255. */
  at(index) { return (this.ink[index] + this.base[index] * (FULL - this.cover[index]) / 255) / 257; }

  /** Begin a stroke of tool "add", "remove" or "soften"; hardness 0 to 1; size in pixels, for how far "soften" reaches. */
  begin(tool, hardness, size) {
    this.end();
    this.before.cover.set(this.cover);
    this.before.ink.set(this.ink);
    const target = tool === "soften" ? this.blurred(Math.max(2, Math.round(size / 10))) : null;
    this.current = { value: tool === "add" ? FULL : 0, target, hardness, last: null, rect: null };
  }

  /** Go on to (x, y) with a brush of `radius`; returns the rectangle that changed. */
  to(x, y, radius) {
    const { last } = this.current;
    const here = { x, y, radius };
    const from = last ?? here;
    const distance = Math.hypot(x - from.x, y - from.y);
    const count = Math.max(1, Math.ceil(distance / Math.max(0.5, Math.min(radius, from.radius) * 0.2)));
    let rect = null;
    for (let step = last ? 1 : count; step <= count; step += 1) {
      const share = step / count;
      rect = joined(rect, this.dab(from.x + (x - from.x) * share, from.y + (y - from.y) * share, from.radius + (radius - from.radius) * share));
    }
    this.current.last = here;
    if (rect) { this.blend(rect); this.current.rect = joined(this.current.rect, rect); }
    return rect;
  }

  /** One print of the brush in the stroke's own mask, where the strongest print counts. */
  dab(x, y, radius) {
    const { width, height, stroke } = this;
    const rect = { left: Math.max(0, Math.floor(x - radius)), top: Math.max(0, Math.floor(y - radius)), right: Math.min(width, Math.ceil(x + radius) + 1), bottom: Math.min(height, Math.ceil(y + radius) + 1) };
    if (rect.left >= rect.right || rect.top >= rect.bottom) return null;
    const inner = Math.max(0, Math.min(radius * this.current.hardness, radius - 1));
    const rim = Math.max(0.5, radius - inner);
    for (let row = rect.top; row < rect.bottom; row += 1) {
      const dy = row + 0.5 - y;
      for (let column = rect.left, index = row * width + column; column < rect.right; column += 1, index += 1) {
        const dx = column + 0.5 - x;
        const away = Math.sqrt(dx * dx + dy * dy);
        if (away >= radius) continue;
        const share = away <= inner ? 1 : (radius - away) / rim;
        const print = 255 * share * share * (3 - 2 * share);
        if (print > stroke[index]) stroke[index] = print;
      }
    }
    return rect;
  }

  /** The stroke laid over what was there when it began. */
  blend(rect) {
    const { width, stroke, before, cover, ink } = this;
    const { value, target } = this.current;
    for (let row = rect.top; row < rect.bottom; row += 1) {
      for (let index = row * width + rect.left, end = row * width + rect.right; index < end; index += 1) {
        if (stroke[index] === 0) continue;
        const share = stroke[index] / 255;
        cover[index] = Math.round(FULL * share + before.cover[index] * (1 - share));
        ink[index] = Math.round((target ? target[index] * 257 : value) * share + before.ink[index] * (1 - share));
      }
    }
  }

  /** End the stroke; it can be undone from now on. */
  end() {
    const { current } = this;
    this.current = null;
    if (!current?.rect) return;
    this.stroke.fill(0);
    this.remember(current.rect);
  }

  /** Take the stroke in work back; returns the rectangle that changed. */
  drop() {
    const rect = this.current?.rect ?? null;
    this.current = null;
    if (!rect) return null;
    this.stroke.fill(0);
    this.cover.set(this.before.cover);
    this.ink.set(this.before.ink);
    return rect;
  }

  /** Take everything back, as a step that can be undone. */
  reset() {
    this.end();
    this.before.cover.set(this.cover);
    this.before.ink.set(this.ink);
    this.cover.fill(0);
    this.ink.fill(0);
    this.remember(this.all);
    return this.all;
  }

  remember(rect) {
    this.done.push({ rect, cover: this.cut(this.before.cover, rect), ink: this.cut(this.before.ink, rect) });
    this.undone = [];
    let bytes = this.done.reduce((sum, step) => sum + step.cover.byteLength * 2, 0);
    while (bytes > KEPT && this.done.length > 1) bytes -= this.done.shift().cover.byteLength * 2;
  }

  undo() { return this.swap(this.done, this.undone); }
  redo() { return this.swap(this.undone, this.done); }

  swap(from, to) {
    this.end();
    const step = from.pop();
    if (!step) return null;
    to.push({ rect: step.rect, cover: this.cut(this.cover, step.rect), ink: this.cut(this.ink, step.rect) });
    this.paste(this.cover, step.cover, step.rect);
    this.paste(this.ink, step.ink, step.rect);
    return step.rect;
  }

  cut(values, { left, top, right, bottom }) {
    const wide = right - left;
    const piece = new Uint16Array(wide * (bottom - top));
    for (let row = top; row < bottom; row += 1) piece.set(values.subarray(row * this.width + left, row * this.width + right), (row - top) * wide);
    return piece;
  }

  paste(values, piece, { left, top, right, bottom }) {
    const wide = right - left;
    for (let row = top; row < bottom; row += 1) values.set(piece.subarray((row - top) * wide, (row - top + 1) * wide), row * this.width + left);
  }

  /** The mask as it is now, as bytes. */
  mask() { return Uint8Array.from({ length: this.base.length }, (_, index) => Math.round(this.at(index))); }

  /** The mask, smoothed over `radius` pixels: three running means along each axis, nearly a Gaussian. */
  blurred(radius) {
    let values = new Float32Array(this.base.length);
    for (let index = 0; index < values.length; index += 1) values[index] = this.at(index);
    let other = new Float32Array(values.length);
    for (let turn = 0; turn < 3; turn += 1) {
      running(values, other, this.width, this.height, 1, this.width, radius);
      running(other, values, this.height, this.width, this.width, 1, radius);
    }
    return values;
  }

  /** RGBA bytes as POST /api/masks takes a correction: the value in R, G and B, the cover in A, not premultiplied. */
  rgba() {
    const bytes = new Uint8Array(this.base.length * 4);
    for (let index = 0; index < this.base.length; index += 1) {
      if (this.cover[index] === 0) continue;
      const value = Math.round(255 * Math.min(1, this.ink[index] / this.cover[index]));
      bytes[index * 4] = bytes[index * 4 + 1] = bytes[index * 4 + 2] = value;
      bytes[index * 4 + 3] = Math.round(this.cover[index] / 257);
    }
    return bytes;
  }
}

/** Running mean of lines: `length` values that are `step` apart, in `lines` lines that are `stride` apart; the rim is repeated. */
function running(from, to, length, lines, step, stride, radius) {
  const window = 2 * radius + 1;
  for (let line = 0; line < lines; line += 1) {
    const start = line * stride;
    const clamped = (place) => from[start + Math.min(length - 1, Math.max(0, place)) * step];
    let sum = 0;
    for (let place = -radius; place <= radius; place += 1) sum += clamped(place);
    for (let place = 0; place < length; place += 1) {
      to[start + place * step] = sum / window;
      sum += clamped(place + radius + 1) - clamped(place - radius);
    }
  }
}
