"""What can be wrong with an id."""

from __future__ import annotations

from portrait_nst.errors import InputError


class Missing(InputError):
    """There is nothing of this id, or no longer. field: the part of a request that names it; "" where there is one id alone."""

    field = ""


class InUse(InputError):
    """A job that is not finished needs it."""
