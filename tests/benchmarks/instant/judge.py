"""Everything that is measured of a finished picture, whoever made it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from portrait_nst import encoders, imaging
from portrait_nst.encoders.vgg import Vgg
from portrait_nst.transfer import colour
from portrait_nst.types import FloatArray, UInt8Array
from tests.benchmarks.instant.measures import halo, lines, structure
from tests.benchmarks.instant.scenes import Painting, Portrait
from tests.benchmarks.painterly import measures
from tests.benchmarks.painterly.identity import Friend

Row = dict[str, Any]
STYLE = 512  # pixels along the longer side of a style picture whose fine structure is compared, as networks see it


class Judge:
    """Measures pictures by VGG-19 (`teacher`), by the sitter's friends, and by `measures`.

    known: a file in which the photos' own distances are kept, for they take as long as the paintings'.
    """

    def __init__(self, teacher: Path, known: Path, friend: Friend | None = None, side: int = measures.SIDE) -> None:
        net = encoders.get("vgg19", teacher).net
        assert isinstance(net, Vgg)
        self.net, self.friend, self.side = net, friend, side
        self._file = known
        self._known: dict[str, float] = json.loads(known.read_text()) if known.is_file() else {}
        self._strokes: tuple[Path, measures.Strokes] | None = None

    def __call__(self, portrait: Portrait, painting: Painting, picture: UInt8Array, *, within: bool) -> Row:
        """A row of the table. `picture` is (H, W, 3); `within`: whether the background is the photo's own (see `halo`)."""
        photo, style = imaging.to_float(portrait.rgb), imaging.to_float(measures.fit(painting.rgb, STYLE))
        full = measures.resized(picture, portrait.rgb.shape[:2])
        small, seen = measures.fit(portrait.rgb, self.side), measures.fit(full, self.side)
        matte = imaging.resize_mask(portrait.matte, small.shape[:2])
        nn, before = self.nn(painting, seen, matte), self.photo_nn(portrait, painting)
        found = structure(photo, imaging.to_float(full), style, portrait.cloth)
        everywhere = np.ones(photo.shape[:2], np.float32)
        return {
            "portrait": portrait.name,
            "painting": painting.name,
            "photo_nn": before,
            "nn": nn,
            "fall": 1 - nn / before,
            "cfsd": measures.cfsd(self.net, small, seen),
            "palette": measures.palette(seen, measures.fit(painting.rgb, self.side), matte),
            "kept": found.kept,
            "kept_by_band": found.kept_by_band,
            "brush": found.brush,
            "halo": halo(recoloured(portrait, painting), imaging.to_float(full), portrait.matte, within=within),
            "lines": lines(photo, imaging.to_float(full), portrait.matte if within else everywhere),
            **self.recognised(portrait, full),
        }

    def close(self) -> None:
        """Let go of the models for faces."""
        if self.friend is not None:
            self.friend.close()

    def nn(self, painting: Painting, picture: UInt8Array, matte: FloatArray) -> float:
        if self._strokes is None or self._strokes[0] != painting.path:
            style = measures.tensor(measures.fit(painting.rgb, self.side))
            self._strokes = painting.path, measures.Strokes(self.net, style)
        return self._strokes[1](measures.tensor(picture), torch.from_numpy(matte)[None, None])

    def photo_nn(self, portrait: Portrait, painting: Painting) -> float:
        """The photo's own nn, computed once for each photo, painting and size."""
        shas = [imaging.load(path).sha256 for path in (portrait.path, painting.path)]
        key = f"{shas[0]} {shas[1]} {self.side}"
        if key not in self._known:
            small = measures.fit(portrait.rgb, self.side)
            self._known[key] = self.nn(painting, small, imaging.resize_mask(portrait.matte, small.shape[:2]))
            self._file.write_text(json.dumps(self._known, indent=1))
        return self._known[key]

    def recognised(self, portrait: Portrait, picture: UInt8Array) -> Row:
        """ "face": "unknown" without the models, "none" in the photo, "found" or "lost"."""
        found = None if self.friend is None else self.friend(portrait.rgb, picture)
        if found is None:
            return {"identity": None, "drift": None, "face": "unknown" if self.friend is None else "none"}
        face = "lost" if found.drift is None else "found"
        return {"identity": found.distance, "drift": found.drift, "face": face}


def recoloured(portrait: Portrait, painting: Painting) -> FloatArray:
    """The photo (H, W, 3) with the mean and covariance of the painting's colours: what is no painting."""
    photo, style = imaging.to_float(portrait.rgb), imaging.to_float(measures.fit(painting.rgb, STYLE))
    everywhere = [np.ones(picture.shape[:2], np.float32) for picture in (photo, style)]
    goal = colour.mean_and_covariance(style, everywhere[1])
    found: FloatArray = np.clip(colour.match_statistics(photo, [(everywhere[0], goal)]), 0, 1)
    return found
