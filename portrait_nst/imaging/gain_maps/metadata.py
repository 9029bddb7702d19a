"""What a gain map's file says about its codes, in either of its two languages: XMP by Adobe, and the bytes of ISO 21496-1.

Adobe, Gain map specification 1.0 (2024), and ISO 21496-1:2025, annex C. Both say the same but that only ISO has gains of
another colour space than the picture's own, and other logarithms' names.
"""

from __future__ import annotations

import math
import struct
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree

import numpy as np

Metadata = dict[str, tuple[float, ...]]

HDRGM = "http://ns.adobe.com/hdr-gain-map/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMP_SIGNATURE = b"http://ns.adobe.com/xap/1.0/\0"
ISO_SIGNATURE = b"urn:iso:std:iso:ts:21496:-1\0"
VERSION = "1.0"

CHANNEL_NAMES = ("GainMapMin", "GainMapMax", "Gamma", "OffsetSDR", "OffsetHDR")
NAMES = (*CHANNEL_NAMES, "HDRCapacityMin", "HDRCapacityMax")
_DEFAULTS = {"GainMapMin": 0.0, "Gamma": 1.0, "OffsetSDR": 1 / 64, "OffsetHDR": 1 / 64, "HDRCapacityMin": 0.0}

_GREATEST = 64.0  # of any value: 64 stops are 2e19 times as bright, and no camera's gain map has more than 8
_LEAST_GAMMA = 1 / 64
_DENOMINATOR = 2**24  # the greatest that we write: times _GREATEST it stays within 32 bits
_MULTICHANNEL, _BASE_SPACE, _COMMON_DENOMINATOR, _BACKWARD = 128, 64, 8, 4


class _WithoutDoctype(ElementTree.TreeBuilder):
    """Refuses a document type, without which XML has no entities of its own to expand or to fetch."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("its XMP has a document type")


def parse_xmp(packet: bytes) -> ElementTree.Element:
    """The root of an XMP packet. Raises ValueError where it is no XML, or has a document type."""
    try:
        return ElementTree.fromstring(packet.strip(b"\0 \t\r\n"), ElementTree.XMLParser(target=_WithoutDoctype()))
    except (ElementTree.ParseError, LookupError):  # LookupError: an encoding that is unknown
        raise ValueError("its XMP is no XML") from None


def from_xmp(packet: bytes) -> Metadata | None:
    """The metadata in an XMP packet, None where it has none. Raises ValueError where they are damaged or of another kind."""
    root = parse_xmp(packet)
    found: dict[str, tuple[str, ...]] = {}
    for description in root.iter(f"{{{RDF}}}Description"):
        for name in ("Version", "BaseRenditionIsHDR", *NAMES):
            texts = _texts(description, name)
            if texts:
                found.setdefault(name, texts)
    if "Version" not in found:
        return None
    if found["Version"] != (VERSION,):
        raise ValueError(f"its metadata are of another version than {VERSION}")
    if found.get("BaseRenditionIsHDR", ("False",))[0].lower() == "true":
        raise ValueError("its base rendition is the HDR one")
    missing = [name for name in NAMES if name not in found and name not in _DEFAULTS]
    if missing:
        raise ValueError(f"its metadata lack {missing[0]}")
    values: Metadata = {}
    for name in NAMES:
        try:
            values[name] = tuple(float(text) for text in found[name]) if name in found else (_DEFAULTS[name],)
        except ValueError:
            raise ValueError(f"{name} in its metadata is no number") from None
    return checked(values)


def _texts(description: ElementTree.Element, name: str) -> tuple[str, ...]:
    """The value of a property, or its three, as an attribute, an element, or a sequence in an element; empty if there is none."""
    key = f"{{{HDRGM}}}{name}"
    if key in description.attrib:
        return (description.attrib[key].strip(),)
    element = description.find(key)
    if element is None:
        return ()
    items = list(element.iter(f"{{{RDF}}}li")) or [element]
    return tuple((item.text or "").strip() for item in items)


def to_xmp(metadata: Metadata) -> str:
    """The properties as XML: attributes of a `rdf:Description` and, where channels differ, sequences inside it."""
    attributes, elements = f'hdrgm:Version="{VERSION}"', ""
    for name in NAMES:
        texts = [np.format_float_positional(value, trim="-") for value in metadata[name]]
        if len(texts) == 1:
            attributes += f' hdrgm:{name}="{texts[0]}"'
        else:
            items = "".join(f"<rdf:li>{text}</rdf:li>" for text in texts)
            elements += f"<hdrgm:{name}><rdf:Seq>{items}</rdf:Seq></hdrgm:{name}>"
    return packet(f'<rdf:Description rdf:about="" xmlns:hdrgm="{HDRGM}" {attributes}>{elements}</rdf:Description>')


def packet(description: str) -> str:
    """An XMP packet around an `rdf:Description`."""
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">{description}</rdf:RDF></x:xmpmeta>'


def from_iso(payload: bytes) -> tuple[Metadata, bool] | None:
    """The metadata in the bytes behind the signature of ISO 21496-1, and whether the gains are of the picture's own space.

    None where there are only version numbers, as in the picture's own header. Raises ValueError as `from_xmp` does.
    """
    if len(payload) <= 4:
        return None
    if payload[:2] != b"\0\0":
        raise ValueError("its metadata need a newer version of ISO 21496-1")
    flags, channels = payload[4], 3 if payload[4] & _MULTICHANNEL else 1
    if flags & _BACKWARD:
        raise ValueError("its base rendition is the HDR one")
    signed = ["I", "I", *"iiIii" * channels]
    try:
        if flags & _COMMON_DENOMINATOR:
            denominator, *numerators = struct.unpack_from(">I" + "".join(signed), payload, 5)
            values = [number / denominator for number in numerators]
        else:
            pairs = struct.unpack_from(">" + "".join(f"{kind}I" for kind in signed), payload, 5)
            values = [number / below for number, below in zip(pairs[::2], pairs[1::2])]
    except (struct.error, ZeroDivisionError):
        raise ValueError("its metadata are damaged") from None
    found: Metadata = {}
    for i, name in enumerate(CHANNEL_NAMES):
        each = tuple(values[2 + i :: 5])
        found[name] = each if len(set(each)) > 1 else each[:1]
    found |= {"HDRCapacityMin": (values[0],), "HDRCapacityMax": (values[1],)}
    return checked(found), bool(flags & _BASE_SPACE)


def to_iso(metadata: Metadata, base_space: bool) -> bytes:
    """The bytes that `from_iso` reads, exact to 2**-48."""
    channels = max(len(metadata[name]) for name in CHANNEL_NAMES)
    values = [metadata["HDRCapacityMin"][0], metadata["HDRCapacityMax"][0]]
    values += [metadata[name][channel % len(metadata[name])] for channel in range(channels) for name in CHANNEL_NAMES]
    flags = (_MULTICHANNEL if channels == 3 else 0) | (_BASE_SPACE if base_space else 0)
    data = bytes([0, 0, 0, 0, flags])
    for value in values:
        fraction = Fraction(value).limit_denominator(_DENOMINATOR)
        data += struct.pack(">iI", fraction.numerator, fraction.denominator)
    return data


def checked(metadata: Metadata) -> Metadata:
    """`metadata`, of which each value makes sense. Raises ValueError."""
    for name in NAMES:
        count = len(metadata[name])
        if count not in ((1, 3) if name in CHANNEL_NAMES else (1,)):
            raise ValueError(f"{name} in its metadata has {count} values")
        if not all(math.isfinite(value) and abs(value) <= _GREATEST for value in metadata[name]):
            raise ValueError(f"{name} in its metadata is out of range")
    if min(metadata["Gamma"]) < _LEAST_GAMMA:
        raise ValueError("Gamma in its metadata is out of range")
    if (channel_values(metadata, "GainMapMax") < channel_values(metadata, "GainMapMin")).any():
        raise ValueError("GainMapMax in its metadata is below GainMapMin")
    if not 0 <= metadata["HDRCapacityMin"][0] < metadata["HDRCapacityMax"][0]:
        raise ValueError("HDRCapacityMax in its metadata is not above HDRCapacityMin")
    return metadata


def channel_values(metadata: Metadata, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(3,) float64: the value of each channel."""
    return np.broadcast_to(np.asarray(metadata[name], np.float64), 3)
