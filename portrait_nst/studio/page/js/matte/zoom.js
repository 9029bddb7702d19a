// Where the picture stands in its window, and how large.

/** Moves `world` (of width by height) inside `port`; onchange() after each move. full: how many pixels of the photo make one of the picture. */
export class Zoom {
  constructor(port, world, width, height, full, onchange) {
    Object.assign(this, { port, world, width, height, full, onchange, scale: 1, x: 0, y: 0, fitted: true });
    world.style.width = `${width}px`;
    world.style.height = `${height}px`;
    this.observer = new ResizeObserver(() => (this.fitted ? this.fit() : this.place()));
    this.observer.observe(port);
  }

  close() { this.observer.disconnect(); }

  get least() { return Math.min((this.port.clientWidth - 24) / this.width, (this.port.clientHeight - 24) / this.height); }

  /** The whole picture, in the middle. */
  fit() {
    this.scale = Math.max(0.01, this.least);
    this.x = (this.port.clientWidth - this.width * this.scale) / 2;
    this.y = (this.port.clientHeight - this.height * this.scale) / 2;
    this.fitted = true;
    this.place();
  }

  /** A pixel of the photo as a pixel of the page, around the middle. */
  whole() { this.to(this.full, this.port.clientWidth / 2, this.port.clientHeight / 2); }

  by(factor, x = this.port.clientWidth / 2, y = this.port.clientHeight / 2) { this.to(this.scale * factor, x, y); }

  /** The scale `scale`, with the point (x, y) of the window standing still. */
  to(scale, x, y) {
    const next = Math.min(Math.max(scale, Math.min(this.least, this.full) * 0.5), Math.max(16, this.full * 8));
    this.x = x - (x - this.x) * next / this.scale;
    this.y = y - (y - this.y) * next / this.scale;
    this.scale = next;
    this.fitted = false;
    this.place();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.place();
  }

  /** Move so that the point (x, y) of the picture is in the window. */
  reveal(x, y, rim = 40) {
    const [left, top] = [this.x + x * this.scale, this.y + y * this.scale];
    const dx = Math.max(0, rim - left) - Math.max(0, left - this.port.clientWidth + rim);
    const dy = Math.max(0, rim - top) - Math.max(0, top - this.port.clientHeight + rim);
    if (dx || dy) this.pan(dx, dy);
  }

  /** The point of the picture under a point of the page. */
  point(clientX, clientY) {
    const box = this.port.getBoundingClientRect();
    return [(clientX - box.left - this.x) / this.scale, (clientY - box.top - this.y) / this.scale];
  }

  place() {
    // Something of the picture always stays in sight.
    const rim = 48;
    this.x = Math.min(this.port.clientWidth - rim, Math.max(rim - this.width * this.scale, this.x));
    this.y = Math.min(this.port.clientHeight - rim, Math.max(rim - this.height * this.scale, this.y));
    this.world.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.onchange();
  }
}
