"""One person known again among others: by place from frame to frame, by the face where the place does not tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from portrait_nst import faces
from portrait_nst.types import Face, FloatArray, UInt8Array
from portrait_nst.video.painter import State

SAME = 0.6  # distance of two descriptors below which they are one person's: dlib's
KEPT = 12  # descriptors of the person that are kept, from different key frames
PLACE = 0.3  # overlap with the matte that was expected from which the place tells who it is
CLEAR = 2.0  # by which factor it must exceed everybody else's

Owners = NDArray[np.int32]


class Identity:
    """Who is followed: "largest", or a number from the left in the first frame in which so many people are seen."""

    def __init__(self, person: str | int) -> None:
        self._person = person
        self._looks: list[FloatArray] = []
        self._found = False

    def choose(
        self, rgb: UInt8Array, expected: FloatArray | None, people: Sequence[Face], owners: Owners
    ) -> int | None:
        """The number of the person among `people`; None where they are not there.

        rgb: (H, W, 3) uint8. expected: (H, W), their matte as it was carried here; None in a new shot. people, owners: see
        `segmentation.selection.followed`.
        """
        if not self._found:
            number = self._first(people, owners)
            self._found = number is not None
            sure = True
        else:
            number, sure = self._again(rgb, expected, people, owners)
        if number is not None and sure and number < len(people):
            look = described(rgb, people[number])
            self._looks = [*self._looks, *([] if look is None else [look])][-KEPT:]
        return number

    def _first(self, people: Sequence[Face], owners: Owners) -> int | None:
        count = max(len(people), 1)
        if self._person == "largest":
            return int(np.bincount(owners[(owners >= 0) & (owners < count)], minlength=count).argmax())
        return int(self._person) - 1 if int(self._person) <= count else None

    def _again(
        self, rgb: UInt8Array, expected: FloatArray | None, people: Sequence[Face], owners: Owners
    ) -> tuple[int | None, bool]:
        """The person's number, and whether it is sure."""
        count = max(len(people), 1)
        overlaps = np.zeros(count) if expected is None else _overlaps(expected > 0.5, owners, count)
        ranked = np.argsort(-overlaps)
        best = int(ranked[0])
        placed = overlaps[best] >= PLACE
        if placed and (count == 1 or overlaps[best] > CLEAR * overlaps[ranked[1]]):
            return best, True
        distances = [self._distance(described(rgb, face)) for face in people]
        if distances and min(distances) < SAME:
            return int(np.argmin(distances)), False
        return (best, False) if placed else (None, False)

    def _distance(self, look: FloatArray | None) -> float:
        """How far a face is from the nearest known look of the person."""
        if look is None or not self._looks:
            return float("inf")
        return min(float(np.sqrt(((look - known) ** 2).sum())) for known in self._looks)

    def state(self) -> State:
        """What it remembers, as arrays."""
        looks = np.array(self._looks, np.float32).reshape(len(self._looks), 128)
        return {"looks": looks, "found": np.array(self._found)}

    def restore(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Go on from what `state` returned."""
        self._looks = [np.asarray(look, np.float32) for look in state["looks"]]
        self._found = bool(state["found"])


def described(rgb: UInt8Array, face: Face) -> FloatArray | None:
    """The descriptor of a face, (128,) float32; None for one that is turned away. See `encoders.FaceDescriptor`."""
    if face.landmarks is None and len(face.keypoints) < 4:
        return None
    import torch

    from portrait_nst import encoders

    image = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        view = encoders.upright_views(image, [faces.upright(face)])
        return np.asarray(encoders.load_face_descriptor()(view)[0].numpy(), np.float32)


def _overlaps(expected: NDArray[np.bool_], owners: Owners, count: int) -> NDArray[np.float64]:
    """Intersection over union of what was expected with each person, (count,)."""
    both = np.bincount(owners[expected & (owners >= 0) & (owners < count)], minlength=count)
    each = np.bincount(owners[(owners >= 0) & (owners < count)], minlength=count)
    return np.asarray(both / np.maximum(each + expected.sum() - both, 1))
