// Zoom and panning of two pictures at once: both are placed by the same numbers, so they cannot come apart.

const STEP = 60; // CSS pixels that an arrow key moves the picture
const MOST = 8;

/**
 * frame: what the pictures are seen through; slider: the comparison in it; pictures: [before, after], of which after gives the size.
 * onzoom(scale) is told "fit", or device pixels for a pixel of the picture. Returns {zoom(scale)}.
 */
export function makeView({ frame, slider, pictures, onzoom }) {
  const after = pictures[1];
  let scale = "fit";
  let at = { x: 0.5, y: 0.5 }; // what of the picture stands in the frame's middle
  const fingers = new Map();
  let pinch = null;

  const natural = () => ({ width: after.naturalWidth || 1, height: after.naturalHeight || 1 });
  const fitted = () => { const { width, height } = natural(); return Math.min(frame.clientWidth / width, frame.clientHeight / height); };
  const factor = () => (scale === "fit" ? fitted() : scale / devicePixelRatio);

  function place() {
    if (!after.naturalWidth || !frame.clientWidth) return;
    const size = { x: natural().width * factor(), y: natural().height * factor() };
    const room = { x: frame.clientWidth, y: frame.clientHeight };
    const left = {};
    for (const axis of ["x", "y"]) {
      const half = Math.min(0.5, room[axis] / size[axis] / 2);
      at[axis] = Math.min(1 - half, Math.max(half, at[axis]));
      // Whole pixels of the screen, or the pixels of the picture would blur.
      left[axis] = Math.round((room[axis] / 2 - at[axis] * size[axis]) * devicePixelRatio) / devicePixelRatio;
    }
    for (const one of pictures) {
      one.style.inlineSize = `${size.x}px`;
      one.style.blockSize = `${size.y}px`;
      one.style.transform = `translate(${left.x}px, ${left.y}px)`;
    }
  }

  function shape() {
    const { width, height } = natural();
    frame.style.setProperty("--ratio", width / height);
    place();
  }

  function zoom(wanted, point = null) {
    const before = factor();
    scale = wanted === "fit" || Number(wanted) / devicePixelRatio <= fitted() * 1.001 && point ? "fit" : Math.min(MOST, Number(wanted));
    if (point && scale !== "fit") {
      // What is under the pointer stays there.
      const box = frame.getBoundingClientRect();
      const off = { x: point.x - box.left - box.width / 2, y: point.y - box.top - box.height / 2 };
      const { width, height } = natural();
      at.x += off.x / width * (1 / before - 1 / factor());
      at.y += off.y / height * (1 / before - 1 / factor());
    }
    if (scale === "fit") at = { x: 0.5, y: 0.5 };
    const zoomed = scale !== "fit";
    frame.classList.toggle("zoomed", zoomed);
    frame.classList.toggle("pixels", zoomed && scale >= 2);
    slider.handle = zoomed; // then the line is dragged by its handle, and the picture everywhere else
    place();
    onzoom(scale);
  }

  function pan(x, y) {
    const { width, height } = natural();
    at.x -= x / (width * factor());
    at.y -= y / (height * factor());
    place();
  }

  const onHandle = (event) => {
    const box = slider.shadowRoot?.getElementById("handle")?.getBoundingClientRect();
    return box && event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  };
  const spread = () => { const [a, b] = fingers.values(); return { span: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }; };

  frame.addEventListener("pointerdown", (event) => {
    if (event.button || (scale !== "fit" && onHandle(event))) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) pinch = { span: spread().span, scale: scale === "fit" ? fitted() * devicePixelRatio : scale };
    if (scale !== "fit") { frame.setPointerCapture(event.pointerId); frame.classList.add("grabbed"); }
  });
  frame.addEventListener("pointermove", (event) => {
    const last = fingers.get(event.pointerId);
    if (!last) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2 && pinch) { const now = spread(); zoom(pinch.scale * now.span / pinch.span, now); }
    else if (scale !== "fit") pan(event.clientX - last.x, event.clientY - last.y);
  });
  const lift = (event) => { fingers.delete(event.pointerId); if (fingers.size < 2) pinch = null; if (!fingers.size) frame.classList.remove("grabbed"); };
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) frame.addEventListener(name, lift);
  frame.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const now = scale === "fit" ? fitted() * devicePixelRatio : scale;
      zoom(now * 2 ** (-event.deltaY / 200), { x: event.clientX, y: event.clientY });
    } else if (scale !== "fit") { event.preventDefault(); pan(-(event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX), event.shiftKey ? 0 : -event.deltaY); }
  }, { passive: false });
  frame.addEventListener("dblclick", (event) => zoom(scale === "fit" ? 1 : "fit", { x: event.clientX, y: event.clientY }));
  // Before the component hears them: Shift means the picture, not the line.
  frame.addEventListener("keydown", (event) => {
    const wanted = { 0: "fit", 1: 1, 2: 2 }[event.key];
    if (wanted !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) { zoom(wanted); return; }
    const move = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
    if (!move || scale === "fit" || !(event.shiftKey || move[1])) return;
    event.preventDefault();
    event.stopPropagation();
    pan(...move);
  }, true);
  after.addEventListener("load", shape);
  new ResizeObserver(place).observe(frame);
  return { zoom };
}
