"""The gain map of an Ultra HDR picture: how much brighter a bright screen shows it, and how that ends where a person is painted.

Adobe, Gain map specification 1.0: a code c stands for the gain g = min + (max - min) (c / 255)^(1 / gamma), a logarithm to
base 2, and a screen that can show the whole of it shows (sdr + offset_sdr) 2^g - offset_hdr, in linear light.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portrait_nst.imaging.continuation import continue_past
from portrait_nst.imaging.gain_maps.metadata import Metadata, channel_values
from portrait_nst.imaging.pixels import resize_mask
from portrait_nst.types import FloatArray, GainMap, Photo

LEFT_OUT = "HDR gain map is left out"
NOT_KEPT = f"the photo's {LEFT_OUT}: the background is not the photo's own"


def carried_over(photo: Photo, kept: FloatArray | None) -> tuple[GainMap | None, tuple[str, ...]]:
    """The gain map of a result made from `photo`, and remarks for the user; None where there is none, or it fits no more.

    kept: (H, W) float32 in [0, 1], how much of each of the result's pixels is the photo's; None where its background is another.
    """
    if photo.gain_map is None:
        return None, ()
    if kept is None or kept.shape != photo.size or not kept.any():
        return None, (NOT_KEPT,)
    return with_painted(photo.gain_map, kept)


def lost_gain_map(photo: Photo, kind: str, profile: str = "photo") -> tuple[str, ...]:
    """The remark that the gain map of `photo` is lost in a file of the `kind` "PNG", "TIFF" and so on; none where it is kept.

    profile: "photo", or "srgb" for colours that are converted. One gain for all channels is the same in any colours, since a
             conversion in linear light keeps factors and white; a gain for each channel is not.
    """
    if photo.gain_map is None:
        return ()
    if kind != "JPEG":
        return (f"the photo's {LEFT_OUT}: {kind} cannot hold it; write a .jpg to keep it",)
    converted = profile == "srgb" and photo.native is not None and photo.native.profile is not None
    if converted and not _is_one_for_all(photo.gain_map):
        return (
            f"the photo's {LEFT_OUT}: its gains are of the photo's own colours; leave --profile srgb out to keep it",
        )
    return ()


def _is_one_for_all(gain_map: GainMap) -> bool:
    """Whether all channels have the same gain."""
    return gain_map.codes.shape[2] == 1 and all(len(set(values)) == 1 for values in gain_map.metadata.values())


def log2_gains(metadata: Metadata) -> NDArray[np.float64]:
    """(256, 3): the gain of each code in each channel, as its logarithm to base 2; it never falls from a code to the next."""
    least, most, gamma = (channel_values(metadata, name) for name in ("GainMapMin", "GainMapMax", "Gamma"))
    share = (np.arange(256) / 255.0)[:, None] ** (1 / gamma)
    return np.asarray(least + (most - least) * share)


def with_painted(gain_map: GainMap, kept: FloatArray) -> tuple[GainMap, tuple[str, ...]]:
    """`gain_map` with gain 1 over what is painted, and remarks for the user.

    kept: (H, W) float32 in [0, 1] at the picture's size: how much of each pixel is the photo's, 1 - alpha.

    A painted person is as bright on a bright screen as on any other. A pixel of the map, which as a rule covers several of the
    picture's, gets the share of the background's gain that the kept part of its area is. Within 6 pixels of the edge of the
    astronaut, with a map of a quarter of her size and 2.5 stops behind her, that errs by 0.38 stops. The gain of the least kept
    pixel errs by 0.72 and draws a dark rim on a bright background; that of the most kept one by 0.70, a bright rim on the person.
    The background's gain is that of the wholly kept pixels, continued past the edge, since
    the map's own values there are mixed with the old person's. Where all of a pixel's area is kept its code stays as it is.
    """
    height, width, channels = gain_map.codes.shape
    share = resize_mask(np.ascontiguousarray(kept, np.float32), (height, width))
    touched = share < 1
    if not touched.any():
        return gain_map, ()
    gains = log2_gains(gain_map.metadata)
    codes = gain_map.codes.copy()
    behind = codes
    if not touched.all():
        behind = continue_past(np.ascontiguousarray(np.broadcast_to(codes, (height, width, 3))), ~touched)
    for channel in range(channels):
        own = gains[:, channel]
        codes[..., channel][touched] = _nearest(own, share[touched] * own[behind[..., channel][touched]])
    return dataclasses.replace(gain_map, codes=codes), _remarks(gains[:, :channels])


def _nearest(gains: NDArray[np.float64], wanted: NDArray[Any]) -> NDArray[np.uint8]:
    """The codes whose `gains` (256,), which never fall, are nearest to those `wanted` (N,)."""
    return np.searchsorted((gains[1:] + gains[:-1]) / 2, wanted).astype(np.uint8)


def _remarks(gains: NDArray[np.float64]) -> tuple[str, ...]:
    """What to say where no code of a channel (256, C) stands for gain 1."""
    off = np.where(gains[0] > 0, gains[0], np.where(gains[-1] < 0, gains[-1], 0.0))
    if not off.any():
        return ()
    factor = 2.0 ** off[np.abs(off).argmax()]
    return (
        "the photo's HDR gain map has no gain of 1, which the painted part should have: "
        f"a bright screen shows it {factor:.2g} times as bright",
    )
