from __future__ import annotations

import io
import struct
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from portrait_nst import imaging
from portrait_nst.imaging.gain_maps.gain_map import NOT_KEPT, log2_gains, lost_gain_map, with_painted
from portrait_nst.imaging.gain_maps.jpeg_segments import APP1, APP2, segment, segments, with_segments
from portrait_nst.imaging.gain_maps.metadata import XMP_SIGNATURE, Metadata, channel_values, from_iso, to_iso
from portrait_nst.imaging.gain_maps.reading import APPLE, read_gain_map
from portrait_nst.imaging.gain_maps.writing import attach
from portrait_nst.types import GainMap, Photo, Samples
from tests.imaging.files import icc, picture

PLAIN: Metadata = {
    "GainMapMin": (0.0,),
    "GainMapMax": (2.5,),
    "Gamma": (1.0,),
    "OffsetSDR": (1 / 64,),
    "OffsetHDR": (1 / 64,),
    "HDRCapacityMin": (0.0,),
    "HDRCapacityMax": (2.5,),
}
BELOW: Metadata = PLAIN | {"GainMapMin": (-0.5,), "Gamma": (2.0,), "HDRCapacityMin": (0.5,)}
COLOURED: Metadata = BELOW | {"GainMapMin": (-0.5, 0.0, -0.25), "GainMapMax": (2.0, 1.0, 2.5), "Gamma": (2.0, 1.0, 0.5)}
KINDS: dict[str, tuple[Metadata, int]] = {
    "plain": (PLAIN, 1),
    "below 1, gamma 2": (BELOW, 1),
    "each channel": (COLOURED, 3),
}


def jpeg(pixels: NDArray[np.uint8], **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, subsampling=0, **options)
    return file.getvalue()


def gain_map(channels: int = 1, metadata: Metadata = PLAIN, size: tuple[int, int] = (40, 56)) -> GainMap:
    return GainMap(picture(*size, channels=channels), metadata)


def by_formula(file: bytes, found: GainMap) -> NDArray[np.float64]:
    """The HDR rendition of a file whose gain map is as large as the picture, as the specification computes it."""
    srgb = np.array(Image.open(io.BytesIO(file)).convert("RGB")) / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    codes = np.broadcast_to(found.codes, srgb.shape) / 255.0
    values = {name: channel_values(found.metadata, name) for name in PLAIN}
    recovery = codes ** (1 / values["Gamma"])
    boost = values["GainMapMin"] * (1 - recovery) + values["GainMapMax"] * recovery
    return np.asarray(np.maximum((linear + values["OffsetSDR"]) * 2**boost - values["OffsetHDR"], 0))


def hdr(file: bytes) -> NDArray[np.float64]:
    """The HDR rendition as Google's library decodes it, in linear light, 1 the white of an SDR screen."""
    return np.asarray(imagecodecs.ultrahdr_decode(file)[..., :3], np.float64)


def without(file: bytes, marker: int, start: bytes) -> bytes:
    """A JPEG without the segments of a kind; only for a picture alone, whose offsets nothing holds."""
    for found in reversed([s for s in segments(file) if s.marker == marker and s.payload.startswith(start)]):
        file = file[: found.offset] + file[found.payload_offset + len(found.payload) :]
    return file


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_an_ultra_hdr_jpeg_and_its_hdr_rendition_that_of_the_formula(kind: str) -> None:
    metadata, channels = KINDS[kind]
    base = jpeg(picture(40, 56))
    written = attach(base, gain_map(channels, metadata), 100)
    assert imagecodecs.ultrahdr_check(written)
    found, notes = read_gain_map(written)
    assert found is not None and notes == () and found.base_space
    assert found.metadata == metadata
    assert np.abs(found.codes.astype(int) - gain_map(channels).codes).max() <= 4  # of JPEG at its best quality
    wanted = by_formula(written, found)
    # Its tables of 1024 values err by up to 0.002 in dark tones; else by half floats.
    np.testing.assert_allclose(hdr(written), wanted, rtol=0.012, atol=0.004)
    assert wanted.max() > 2


def test_readers_that_know_xmp_alone_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    base, map_ = jpeg(picture(40, 56)), gain_map(1, BELOW)
    both = attach(base, map_, 100)
    monkeypatch.setattr("portrait_nst.imaging.gain_maps.metadata.ISO_SIGNATURE", b"something else entirely 01234\0")
    by_xmp = attach(base, map_, 100)
    assert b"urn:iso:std:iso:ts:21496" not in by_xmp
    assert (hdr(by_xmp) == hdr(both)).all()
    found, _ = read_gain_map(by_xmp)
    assert found is not None and found.metadata == BELOW


def test_sequences_of_xmp_give_each_channel() -> None:
    written = attach(jpeg(picture(40, 56)), gain_map(3, COLOURED), 100)
    found, notes = read_gain_map(written.replace(b"21496-1", b"21496-9"))
    assert notes == () and found is not None and found.metadata == COLOURED


def test_the_picture_keeps_its_pixels_exif_profile_and_order() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    base = jpeg(picture(40, 56), exif=exif.tobytes(), icc_profile=icc())
    written = attach(base, gain_map(), 90)
    with Image.open(io.BytesIO(base)) as before, Image.open(io.BytesIO(written)) as after:
        assert (np.array(before) == np.array(after)).all()
        assert after.info["icc_profile"] == icc() and after.getexif()[0x010F] == "Maker"
    old, new = [s.payload for s in segments(base)], [s.payload for s in segments(written)]
    assert [payload for payload in new if payload in old] == old
    assert new[:2] == old[:2] and new[1].startswith(b"Exif")
    assert attach(base, gain_map(), 90) == written


def test_the_multi_picture_index_points_at_the_second_picture() -> None:
    written = attach(jpeg(picture(40, 56)), gain_map(), 90)
    (index,) = [s for s in segments(written) if s.payload.startswith(b"MPF\0")]
    primary, _, _, _, length, offset = struct.unpack_from(">III4xIII", index.payload, len(index.payload) - 32)[:6]
    assert primary == 0x030000
    start = index.payload_offset + 4 + offset
    assert written[start : start + 2] == b"\xff\xd8" and start + length == len(written)
    assert struct.unpack_from(">I", index.payload, len(index.payload) - 28)[0] == start


def test_gains_of_another_colour_space_go_by_iso_alone() -> None:
    other = GainMap(picture(40, 56), COLOURED, base_space=False, icc=icc())
    written = attach(jpeg(picture(40, 56)), other, 95)
    assert b"hdrgm" not in written
    found, _ = read_gain_map(written)
    assert found is not None and not found.base_space and found.icc == icc() and found.metadata == COLOURED


def test_googles_encoder_is_read() -> None:
    bright = np.ones((48, 64, 4), np.float16)
    bright[..., :3] = (picture(48, 64) / 255.0) ** 2
    bright[10:20, 10:30, :3] *= 4
    encoded = bytes(imagecodecs.ultrahdr_encode(bright, gamut=imagecodecs.ULTRAHDR.CG.DISPLAY_P3))
    found, notes = read_gain_map(encoded)
    assert found is not None and notes == () and found.codes.shape == (48, 64, 3)
    np.testing.assert_allclose(hdr(encoded), by_formula(encoded, found), rtol=0.02, atol=0.01)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_map_is_turned_as_the_picture_is(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = picture(40, 56)
    file = attach(jpeg(pixels, exif=exif.tobytes()), GainMap(pixels, COLOURED), 100)
    photo = imaging.decode(file, "photo.jpg")
    assert photo.gain_map is not None and photo.notes == ()
    assert photo.gain_map.codes.shape == photo.rgb.shape
    assert np.abs(photo.gain_map.codes.astype(int) - photo.rgb).max() <= 6


def test_only_the_container_of_google_finds_it_too_and_a_video_behind_it_does_not_disturb() -> None:
    written = attach(jpeg(picture(40, 56)), gain_map(), 90)
    found, _ = read_gain_map(written.replace(b"MPF\0", b"XXX\0"))
    assert found is not None
    video = b"\0\0\0\x18ftypmp42" * 9
    item = b'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="MotionPhoto" Item:Length="%d"/></rdf:li>'
    (xmp,) = [s for s in segments(written) if s.payload.startswith(XMP_SIGNATURE)]
    longer = xmp.payload.replace(b"</rdf:Seq>", item % len(video) + b"</rdf:Seq>")
    moved = written[: xmp.offset] + segment(APP1, longer) + written[xmp.payload_offset + len(xmp.payload) :] + video
    found, _ = read_gain_map(moved.replace(b"MPF\0", b"XXX\0"))
    assert found is not None


def test_other_multi_picture_files_have_none() -> None:
    file = io.BytesIO()
    left, right = Image.fromarray(picture(40, 56)), Image.fromarray(picture(40, 56, seed=9))
    left.save(file, "MPO", save_all=True, append_images=[right])
    photo = imaging.decode(file.getvalue(), "stereo.mpo")
    assert photo.gain_map is None and photo.notes == ()
    assert read_gain_map(jpeg(picture(40, 56))) == (None, ())


def test_apples_gain_map_is_recognised_and_its_loss_said() -> None:
    packet = XMP_SIGNATURE + b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + APPLE + b"</x:xmpmeta>"
    second = with_segments(jpeg(picture(20, 28)), segment(APP1, packet))
    written = attach(jpeg(picture(40, 56)), gain_map(), 90)
    found, notes = read_gain_map(swapped(written, second))
    assert found is None and len(notes) == 1 and "left out" in notes[0]
    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(90)
    assert read_gain_map(heic) == (None, ())
    assert "left out" in read_gain_map(heic + APPLE)[1][0]
    assert "left out" in read_gain_map(b"\0\0\0\x1cftypheic\0\0\0\0mif1heictmap" + bytes(90))[1][0]


def swapped(written: bytes, second: bytes) -> bytes:
    """An Ultra HDR file with another second picture, at the same place."""
    start = written.index(b"\xff\xd8\xff", 4)
    index = written.index(b"MPF\0") + 4 + 50 + 16 + 4
    return written[:index] + len(second).to_bytes(4, "big") + written[index + 4 : start] + second


def changed(metadata: dict[str, str], **more: str) -> bytes:
    """An Ultra HDR file whose gain map has these properties in its XMP, and no other metadata."""
    values = " ".join(f'hdrgm:{name}="{value}"' for name, value in {**metadata, **more}.items())
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    packet = (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}"><rdf:Description '
        f'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" {values}/></rdf:RDF></x:xmpmeta>'
    )
    return hostile(packet)


def hostile(packet: str) -> bytes:
    second = with_segments(jpeg(picture(20, 28)), segment(APP1, XMP_SIGNATURE + packet.encode()))
    return swapped(attach(jpeg(picture(40, 56)), gain_map(), 90), second)


LEAST = {"Version": "1.0", "GainMapMax": "2", "HDRCapacityMax": "2"}


def test_what_the_specification_lets_out_has_its_defaults() -> None:
    found, notes = read_gain_map(changed(LEAST))
    assert found is not None and notes == ()
    assert found.metadata == PLAIN | {"GainMapMax": (2.0,), "HDRCapacityMax": (2.0,)}


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("GainMapMax", "nan", "out of range"),
        ("GainMapMax", "1e300", "out of range"),
        ("GainMapMax", "-1", "below GainMapMin"),
        ("GainMapMax", "bright", "no number"),
        ("Gamma", "0", "out of range"),
        ("HDRCapacityMax", "0", "not above"),
        ("BaseRenditionIsHDR", "True", "base rendition"),
        ("Version", "2.0", "another version"),
    ],
)
def test_damaged_metadata_never_cost_the_picture(name: str, value: str, reason: str) -> None:
    photo = imaging.decode(changed(LEAST, **{name: value}), "photo.jpg")
    assert photo.gain_map is None
    assert len(photo.notes) == 1 and reason in photo.notes[0]


def test_xml_expands_nothing() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x xmlns:h="http://ns.adobe.com/hdr-gain-map/1.0/">&b;</x>'
    found, notes = read_gain_map(hostile(bomb))
    assert found is None and "document type" in notes[0]
    found, notes = read_gain_map(hostile("<http://ns.adobe.com/hdr-gain-map/1.0/"))
    assert found is None and "no XML" in notes[0]


@pytest.mark.parametrize(
    "payload", [b"\0\1\0\0\0", b"\0\0\0\0\x40", b"\0\0\0\0\x44" + bytes(80), b"\0\0\0\0\x40" + bytes(60)]
)
def test_damaged_bytes_of_iso_are_refused(payload: bytes) -> None:
    with pytest.raises(ValueError):
        from_iso(payload)


def test_iso_with_one_denominator_for_all() -> None:
    payload = b"\0\0\0\0\x48" + struct.pack(">IIIiiIii", 100, 0, 250, -50, 250, 200, 1, 2)
    values, base_space = from_iso(payload) or ({}, False)
    assert base_space and values == BELOW | {"HDRCapacityMin": (0.0,), "OffsetSDR": (0.01,), "OffsetHDR": (0.02,)}
    assert from_iso(to_iso(values, True)) == (values, True)


def test_bytes_changed_at_random_never_raise() -> None:
    written = bytearray(attach(jpeg(picture(40, 56)), gain_map(3, COLOURED, (20, 28)), 60))
    heads = [s.offset for s in segments(bytes(written)) if s.marker in (APP1, APP2)]
    second = bytes(written).index(b"\xff\xd8\xff", 4)
    rng = np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(written)
        near = int(rng.choice([*heads, second]))
        for place in near + rng.integers(0, 900, 8):
            damaged[min(int(place), len(damaged) - 1)] = int(rng.integers(256))
        data = bytes(damaged[: int(rng.integers(near, len(damaged)))] if rng.random() < 0.2 else damaged)
        found, notes = read_gain_map(data)
        assert found is None or found.codes.shape[2] in (1, 3)
        assert all(note.isascii() and "\n" not in note for note in notes)


def test_a_map_larger_than_its_picture_is_refused() -> None:
    found, notes = read_gain_map(attach(jpeg(picture(40, 56)), gain_map(size=(48, 64)), 90))
    assert found is None and "larger" in notes[0]


def kept(size: tuple[int, int] = (160, 224)) -> NDArray[np.float32]:
    """A disc that is painted, with a soft edge of 3 pixels."""
    y, x = np.mgrid[: size[0], : size[1]]
    away = np.hypot(y - size[0] / 2, x - size[1] / 2) - size[0] / 4
    return np.asarray(np.clip((away + 1.5) / 3, 0, 1), np.float32)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gain_is_one_over_the_painted_part_and_untouched_elsewhere(kind: str) -> None:
    metadata, channels = KINDS[kind]
    before, keep = gain_map(channels, metadata), kept()
    after, notes = with_painted(before, keep)
    assert notes == () and after.metadata == metadata
    blocks = keep.reshape(40, 4, 56, 4)
    outside, inside = blocks.min((1, 3)) == 1, blocks.max((1, 3)) == 0
    assert outside.any() and inside.any() and not (outside | inside).all()
    assert (after.codes[outside] == before.codes[outside]).all()
    gains = log2_gains(metadata)
    for channel in range(channels):
        painted = gains[after.codes[inside][:, channel], channel]
        assert np.abs(painted).max() == np.abs(gains[:, channel]).min() < 0.01


def test_the_gain_at_the_edge_lies_between_the_backgrounds_and_one() -> None:
    share = kept().reshape(40, 4, 56, 4).mean((1, 3))
    # The old person has a gain of their own, and the map's pixels at the edge are mixed with it.
    codes = np.rint(200 * share + 90 * (1 - share)).astype(np.uint8)[..., None]
    after, _ = with_painted(GainMap(codes, PLAIN), kept())
    far = 200 * share  # gamma is 1 and the least gain 1: codes are proportional to its logarithm
    edge = (share > 0) & (share < 1)
    assert np.abs(after.codes[..., 0][edge] - far[edge]).max() <= 1
    assert not after.codes[share == 0].any()


def test_a_map_without_a_gain_of_one_gets_the_nearest_and_a_remark() -> None:
    after, notes = with_painted(gain_map(1, PLAIN | {"GainMapMin": (1.0,)}), kept())
    assert after.codes[20, 28, 0] == 0
    assert len(notes) == 1 and "2 times as bright" in notes[0]


def test_nothing_painted_changes_nothing() -> None:
    before = gain_map()
    assert with_painted(before, np.ones((160, 224), np.float32)) == (before, ())


def test_it_is_saved_behind_a_jpeg_and_its_loss_said_elsewhere() -> None:
    photo = Photo(picture(40, 56), gain_map=gain_map(1, BELOW))
    written = imaging.encode(photo, ".jpg", recipe={"a": 1})
    again = imaging.decode(written, "again.jpg")
    assert again.gain_map is not None and again.gain_map.metadata == BELOW
    assert imaging.lost_in(photo, ".jpg") == () == imaging.lost_in(again, ".JPEG")
    assert "PNG cannot hold it" in imaging.lost_in(photo, ".png")[0]
    assert read_gain_map(imaging.encode(photo, ".png")) == (None, ())


def test_gains_of_each_channel_are_lost_in_other_colours_and_one_for_all_is_kept() -> None:
    own = Samples(picture(40, 56), profile=icc())
    one, each = (Photo(picture(40, 56), native=own, gain_map=gain_map(n, m)) for n, m in ((1, BELOW), (3, COLOURED)))
    assert lost_gain_map(one, "JPEG", "srgb") == () == lost_gain_map(each, "JPEG", "photo")
    assert "--profile srgb" in lost_gain_map(each, "JPEG", "srgb")[0]
    assert lost_gain_map(Photo(each.rgb, gain_map=each.gain_map), "JPEG", "srgb") == ()


def test_another_background_has_no_gain_map() -> None:
    photo = Photo(picture(40, 56), gain_map=gain_map())
    for kept_part in (None, np.zeros((40, 56), np.float32), np.ones((80, 56), np.float32)):
        assert imaging.carried_over(photo, kept_part) == (None, (NOT_KEPT,))
    assert imaging.carried_over(photo, np.ones((40, 56), np.float32)) == (photo.gain_map, ())
    assert imaging.carried_over(Photo(photo.rgb), None) == (None, ())


def test_of_the_originals_xmp_only_the_gain_map_remains() -> None:
    private = segment(APP1, XMP_SIGNATURE + b"<x>Jane Doe</x>")
    original = attach(with_segments(jpeg(picture(40, 56)), private), gain_map(), 90)
    photo = imaging.decode(original, "photo.jpg")
    assert photo.gain_map is not None
    assert b"Jane" in original and b"Jane" not in imaging.encode(photo, ".jpg")


def test_a_pil_image_has_lost_it_and_says_so() -> None:
    image = Image.open(io.BytesIO(attach(jpeg(picture(40, 56)), gain_map(), 90)))
    photo = imaging.decode(image, "photo")
    assert photo.gain_map is None and "PIL image" in photo.notes[0]
