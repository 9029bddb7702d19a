"""An exported network paints in a browser: Chromium, onnxruntime-web, its WebAssembly back end with one thread.

`.ci/run` brings both; elsewhere, with Debian's packages: apt-get install chromium npm; npm install --no-save onnxruntime-web.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from portrait_nst import encoders
from portrait_nst.instant import Painter, onnx_export, store
from portrait_nst.instant.onnx_export import proof

ROOT = Path(__file__).resolve().parent.parent.parent
WEB = ROOT / "node_modules" / "onnxruntime-web" / "dist"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SIDE = 128

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium"),
    pytest.mark.skipif(not WEB.is_dir(), reason="there is no node_modules/onnxruntime-web: npm install --no-save it"),
]


class _Handler(SimpleHTTPRequestHandler):
    """Files with the types that browsers insist on: the module and WebAssembly of onnxruntime-web from `WEB`."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript", ".wasm": "application/wasm"}

    def translate_path(self, path: str) -> str:
        return str(WEB / Path(path).name) if path.startswith("/ort/") else super().translate_path(path)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of the page, in whose folder `tmp_path` the model and the pictures are put."""
    shutil.copy(Path(__file__).with_name("browser.html"), tmp_path / "index.html")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_chromium_paints_what_painter_paints(address: str, tmp_path: Path, samples: Path, small_style: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    encoder, start = encoders.get("embedded"), store.universal()
    with Image.open(small_style) as image:
        painting = _tensor(np.asarray(image))
    network = replace(start.aimed_at([(Painter(encoder, start).statistics(painting), 1.0)]), grain=0.04)
    (tmp_path / "net.onnx").write_bytes(onnx_export.model(encoder, network).SerializeToString())
    with Image.open(samples / "astronaut.jpg") as image:
        photo = np.asarray(image.convert("RGB").crop((120, 0, 376, 256)).resize((SIDE, SIDE)))
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    matte = (np.clip(4 * (1 - 2 * x**2 - y**2), 0, 1) * 255).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    Image.fromarray(matte).save(tmp_path / "matte.png")

    with playwright.sync_playwright() as session:
        browser = session.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        failures: list[str] = []
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(address)
        page.wait_for_function("window.paint")
        painted = page.evaluate("paint(0.8)")
        page.screenshot(path=tmp_path / "page.png")
        browser.close()

    assert not failures
    found = torch.tensor(painted["values"]).view(1, 3, SIDE, SIDE)
    strength, faces = (torch.full((1, 1, 1, 1), value) for value in (0.8, 0.0))
    inputs = proof.Inputs(_tensor(photo), _tensor(matte[..., None]), strength, faces)
    wanted, _ = proof.expected(encoder, network, inputs)
    assert float((found - wanted).abs().max()) < proof.TOLERANCE
    assert float((found - inputs.photo).abs().mean()) > 0.02  # it is painted
    with Image.open(tmp_path / "page.png") as image:  # and can be seen: photo, matte and painting stand side by side
        assert len(np.unique(np.asarray(image.convert("L").resize((64, 32))))) > 50


def _tensor(pixels: NDArray[np.uint8]) -> Tensor:
    """(H, W, C) to (1, C, H, W) in [0, 1]."""
    return torch.from_numpy(np.float32(pixels) / 255).permute(2, 0, 1)[None].contiguous()
