"""What is shown, as a camera for other programs: pyvirtualcam, an extra."""

from __future__ import annotations

from typing import Any

import numpy as np

from portrait_nst.errors import InputError, ResourceError
from portrait_nst.types import UInt8Array

RATE = 15  # frames a second that other programs are told


class VirtualCamera:
    """A camera of this machine on which other programs see what is shown. Use it in a `with` statement."""

    def __init__(self, size: tuple[int, int]) -> None:
        """size: (height, width) of the pictures.

        Raises InputError where pyvirtualcam is not installed, and ResourceError where the system has no virtual camera.
        """
        try:
            import pyvirtualcam  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            raise InputError(
                "--virtual-camera needs pyvirtualcam. Install it: pip install 'portrait-nst[live]'."
            ) from None
        try:
            self._camera: Any = pyvirtualcam.Camera(width=size[1], height=size[0], fps=RATE)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise ResourceError(
                f"No virtual camera could be opened ({reason}). On Linux load v4l2loopback, on Windows and macOS install OBS."
            ) from None

    def __enter__(self) -> VirtualCamera:
        """Itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Take it away."""
        self._camera.close()

    def send(self, picture: UInt8Array) -> None:
        """Show (H, W, 3) uint8 to the other programs."""
        self._camera.send(np.ascontiguousarray(picture))
