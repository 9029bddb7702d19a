// The outline of a mask, as closed lines: what the stage draws after a mask was made by hand.

/** The lines of the mask `mask` of `photo`, [[[x, y], ...], ...] in fractions of its width and height. */
export async function maskOutline(photo, mask) {
  const image = new Image();
  image.src = `/api/photos/${photo.id}/matte?mask=${mask}&longest=480`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return contours((x, y) => data[(y * width + x) * 4], width, height);
}

/**
 * Marching squares at the value 127.5: lines around what is above it, through a picture of `width` by `height` values 0 to 255.
 * Outside of the picture everything counts as 0, so that every line is closed.
 */
export function contours(value, width, height, level = 127.5) {
  const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : value(x, y));
  const next = new Map(); // from a point on a grid edge to the following one, inside on the right
  const cross = (x1, y1, x2, y2) => {
    const [a, b] = [at(x1, y1), at(x2, y2)];
    const share = (level - a) / (b - a);
    return [x1 + (x2 - x1) * share + 0.5, y1 + (y2 - y1) * share + 0.5];
  };
  for (let y = -1; y < height; y += 1) {
    for (let x = -1; x < width; x += 1) {
      const code = (at(x, y) > level ? 8 : 0) | (at(x + 1, y) > level ? 4 : 0) | (at(x + 1, y + 1) > level ? 2 : 0) | (at(x, y + 1) > level ? 1 : 0);
      if (code === 0 || code === 15) continue;
      const edges = {
        t: [`h${x},${y}`, () => cross(x, y, x + 1, y)], b: [`h${x},${y + 1}`, () => cross(x, y + 1, x + 1, y + 1)],
        l: [`v${x},${y}`, () => cross(x, y, x, y + 1)], r: [`v${x + 1},${y}`, () => cross(x + 1, y, x + 1, y + 1)],
      };
      for (const [from, to] of STEPS[code]) next.set(edges[from][0], [edges[to][0], edges[from][1]()]);
    }
  }
  const rings = [];
  while (next.size) {
    const [start] = next.keys();
    const ring = [];
    for (let key = start; next.has(key);) {
      const [following, point] = next.get(key);
      next.delete(key);
      ring.push(point);
      key = following;
    }
    if (ring.length >= 8) rings.push(ring.map(([x, y]) => [Math.min(1, Math.max(0, x / width)), Math.min(1, Math.max(0, y / height))]));
  }
  return rings;
}

// Corners as bits: upper left 8, upper right 4, lower right 2, lower left 1. Which edge leads to which, with the inside always on the same hand.
const STEPS = {
  1: ["lb"], 2: ["br"], 3: ["lr"], 4: ["rt"], 5: ["lt", "rb"], 6: ["bt"], 7: ["lt"],
  8: ["tl"], 9: ["tb"], 10: ["tr", "bl"], 11: ["tr"], 12: ["rl"], 13: ["rb"], 14: ["bl"],
};
