"""What all settings can do: be checked, changed, written as JSON and read again."""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from portrait_nst.settings.field import schema, unknown_setting
from portrait_nst.settings.files import files_of


@dataclass(frozen=True)
class Described:
    """Settings whose fields describe themselves by the markers of `settings.markers`. Immutable.

    Raises InputError, in a line, for a value that its field does not take, and for a name that no field has.
    """

    def __new__(cls, *_: object, **values: object) -> Self:
        """Refuse names that no field has, before the dataclass' own ``__init__`` raises a TypeError for them."""
        for name in sorted(set(values) - set(schema(cls))):
            raise unknown_setting(name, list(schema(cls)))
        return super().__new__(cls)

    def __post_init__(self) -> None:
        """Check every field, and put its value in the form that the field holds."""
        for name, field in schema(type(self)).items():
            object.__setattr__(self, name, field.check(getattr(self, name)))

    @property
    def files(self) -> list[Path]:
        """The files that settings name: pictures, masks and weights, which no output may replace."""
        return list(files_of(self).values())

    def replace(self, **changes: Any) -> Self:
        """These settings with `changes`, checked. Raises InputError."""
        return dataclasses.replace(self, **changes)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: what `from_dict` reads."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in dataclasses.asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Settings from JSON values. Raises InputError, also for a name that is not a setting."""
        return cls(**values)

    def hash(self) -> str:
        """The same 16 hex digits for the same settings, on every machine and in every run, whatever their order."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:16]
