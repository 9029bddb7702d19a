// Several pictures that are zoomed and moved together: each stands in a window of its own, at the same place and scale.

const MOST = 16;

/** windows: elements with one picture each, which overlay() of CSS lets grow from their middle. Returns {zoom(factor), fit(), end()}. */
export function together(windows, onchange = () => {}) {
  let [scale, x, y] = [1, 0, 0]; // x and y: what is seen in the middle, in windows from the picture's own middle
  const pointers = new Map();

  function show() {
    const most = Math.max(0, (scale - 1) / 2);
    [x, y] = [Math.max(-most, Math.min(most, x)), Math.max(-most, Math.min(most, y))];
    for (const one of windows) {
      one.firstChild.style.transform = `translate(${-100 * x}%, ${-100 * y}%) scale(${scale})`;
      one.classList.toggle("zoomed", scale > 1);
    }
    onchange(scale);
  }

  /** Zoom so that the point (px, py), in windows from the middle, stays where it is. */
  function zoom(factor, px = 0, py = 0) {
    const next = Math.max(1, Math.min(MOST, scale * factor));
    const by = next / scale;
    [x, y, scale] = [(x + px) * by - px, (y + py) * by - py, next];
    show();
  }

  const at = (event, one) => {
    const box = one.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width - 0.5, (event.clientY - box.top) / box.height - 0.5];
  };

  const listeners = new AbortController();
  for (const one of windows) {
    const on = (name, listener, more = {}) => one.addEventListener(name, listener, { signal: listeners.signal, ...more });
    on("wheel", (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), ...at(event, one));
    }, { passive: false });
    on("pointerdown", (event) => { one.setPointerCapture(event.pointerId); pointers.set(event.pointerId, at(event, one)); });
    on("pointermove", (event) => {
      const from = pointers.get(event.pointerId);
      if (!from) return;
      const to = at(event, one);
      if (pointers.size === 1) { x -= to[0] - from[0]; y -= to[1] - from[1]; show(); } else {
        const [other] = [...pointers].find(([id]) => id !== event.pointerId)?.slice(1) ?? [from];
        const gap = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1e-3;
        zoom(gap(to) / gap(from), (to[0] + other[0]) / 2, (to[1] + other[1]) / 2);
      }
      pointers.set(event.pointerId, to);
    });
    for (const name of ["pointerup", "pointercancel"]) on(name, (event) => pointers.delete(event.pointerId));
    on("dblclick", (event) => (scale > 1 ? fit() : zoom(3, ...at(event, one))));
    on("keydown", (event) => {
      const step = 0.15;
      const keys = { "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: fit, ArrowLeft: () => { x -= step; show(); }, ArrowRight: () => { x += step; show(); }, ArrowUp: () => { y -= step; show(); }, ArrowDown: () => { y += step; show(); } };
      if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });
  }
  function fit() { [scale, x, y] = [1, 0, 0]; show(); }
  show();
  return { zoom, fit, end: () => listeners.abort() };
}
