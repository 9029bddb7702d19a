"""The people of a photo: where those are whose faces are known, and who is there without a face."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from portrait_nst.segmentation import coarse, looks
from portrait_nst.segmentation.heads import heads, likely
from portrait_nst.segmentation.people import covers
from portrait_nst.types import Face, FloatArray, UInt8Array

# Results that agree less than this are guesses: for the model that knows photographs, and for the second one.
PHOTO_AGREES = 0.6
PAINTING_AGREES = 0.75
OUTLIERS = 4  # a look that overlaps the leading ones by half has a sixteenth of their say


def bodies(
    rgb: UInt8Array, faces: Sequence[Face], glimpses: Sequence[Face] = ()
) -> tuple[list[Face], FloatArray] | None:
    """Everybody who is there, and where they are together: (H, W) float32 in [0, 1]. None where the models only guess.

    rgb: (H, W, 3) uint8. faces, glimpses: in its pixels; glimpses are what a detector of faces reports from one distance only.
    Everybody is the faces that the result covers, and people without a face, each by the box of their head (see `heads`).
    """
    if not faces and not likely(glimpses):
        return None
    square, landscape = looks.square_looks(rgb), looks.landscape_looks(rgb)
    pairs = [looks.mean(pair) for pair in (square[:2], square[2:], landscape[:2], landscape[2:])]
    turned = heads(rgb, pairs, glimpses, faces)
    everybody = [*faces, *turned]
    if not everybody:
        return None
    trusted = _trusted(square, everybody, PHOTO_AGREES), _trusted(landscape, everybody, PAINTING_AGREES)
    if any(trusted):
        known = [pair for pair, model in zip(pairs, (0, 0, 1, 1)) if trusted[model]]
        leading = looks.mean(known[:2])  # the square model where it may be trusted: it knows photographs best
        probability = coarse.pool(known, [looks.overlap(pair, leading) ** OUTLIERS for pair in known])
        probability = coarse.closer(rgb, probability, known, everybody)
        if len(everybody) > 1:
            probability = coarse.gather(rgb, probability, everybody)
        covered = [face for face in everybody if covers(probability, face)]
        probability = coarse.sharpen(rgb, probability, looks.head_rois(covered, probability.shape))
    else:
        figures = [_figure(rgb, face) for face in everybody]
        whole = [figure for figure in figures if figure is not None]
        if not whole:
            return None
        probability = coarse.closer(rgb, np.asarray(np.maximum.reduce(whole)), whole, everybody)
    probability = coarse.without_doubtful(probability)
    present = [face for face in everybody if covers(probability, face)]
    return (present, probability) if present else None


def _figure(rgb: UInt8Array, face: Face) -> FloatArray | None:
    """Where the person with this face is, who is too small for the whole photo; None where that is a guess."""
    seen = looks.figure_looks(rgb, face)
    figure = looks.mean(seen)
    return figure if _trusted(seen, [face], PAINTING_AGREES) and not looks.cut_off(figure, face) else None


def _trusted(seen: Sequence[FloatArray], faces: Sequence[Face], agree: float) -> bool:
    """Whether results agree and hold one of the faces; else they are guesses."""
    probability = looks.mean(seen)
    return any(covers(probability, face) for face in faces) and looks.agreement(seen) >= agree
