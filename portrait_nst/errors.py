"""What can go wrong, as a user should hear of it.

Every message says what was wrong, what was expected and what to do about it. The library raises
these; only the command line prints them and chooses an exit status.
"""

from __future__ import annotations


class PortraitError(Exception):
    """Base of all errors that a user can cause or should act on."""


class InputError(PortraitError):
    """A file, folder or value given by the user cannot be used."""


class ModelError(PortraitError):
    """Weights are missing, damaged or of the wrong architecture."""


class MaskError(PortraitError):
    """There is no region to paint: no person found, or an empty mask."""


class ResourceError(PortraitError):
    """The machine has not what the run needs: memory, disk, a device."""
