"""Names of paths and URLs."""

from __future__ import annotations

import pytest

from portrait_nst.batch import storage
from portrait_nst.errors import InputError


@pytest.mark.parametrize(("name", "words"), [("", "name is empty"), ("s3://", "no bucket"), ("gs:///", "no bucket")])
def test_empty_names_are_refused(name: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        storage.locate(name)
