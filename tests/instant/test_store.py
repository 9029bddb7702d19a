"""Kept networks: found by what they were learned for, listed, forgotten; the package's own."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from portrait_nst import resources
from portrait_nst.errors import InputError, ModelError, ResourceError, WeightsError
from portrait_nst.instant import About, files, store
from portrait_nst.instant.network import Network, Painting
from tests.instant.networks import PAINTING, encoder, network

A, B = Painting("a.png", "a1" * 32), Painting("b.jpg", "b2" * 32)
OTHER = "c" * 64  # an encoder that is not ours


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(resources.HOME, str(tmp_path / "cache"))
    return tmp_path / "cache" / "instant"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder whose only learned network is "waves", for `PAINTING`."""
    folder = tmp_path / "models" / "instant"
    folder.mkdir(parents=True)
    data = files.to_bytes(network(), compact=True)
    (folder / "waves.safetensors").write_bytes(data)
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "picture": PAINTING.sha256}
    (folder / "networks.json").write_text(json.dumps({"waves.safetensors": entry}))
    monkeypatch.setattr(resources, "models_folder", lambda: folder.parent)
    return folder


def found(*blend: Painting, **settings: object) -> Network | None:
    return store.find(blend, encoder().sha256, settings)


def test_the_key_is_that_of_the_mixture() -> None:
    def key(*blend: Painting, sha256: str = "", **settings: object) -> str:
        return store.key(blend, sha256, settings)

    assert key(A, B) == key(B, A) == key(replace(A, weight=2), replace(B, weight=2, name="other"))
    assert key(A, mask=None, minutes=8) == key(A)
    different = [key(A), key(B), key(A, B), key(A, replace(B, weight=3)), key(A, mask="m")]
    different.append(key(A, sha256=OTHER))
    assert len(set(different)) == len(different)


def test_what_is_kept_is_found_again_by_what_it_was_learned_for(cache: Path) -> None:
    path = store.keep(network(A, B))
    assert path is not None and path.parent == cache
    again = found(replace(B, weight=5), replace(A, weight=5, name="renamed.png"))
    assert again is not None and again.about == network(A, B).about
    assert found(A) is None and found(A, B, mask="m") is None and store.find((A, B), OTHER) is None


def test_the_later_network_takes_the_place_of_the_earlier() -> None:
    store.keep(network(A, steps=10))
    store.keep(network(A, steps=20), compact=True)
    again = found(A)
    assert again is not None and again.about.steps == 20 and len(store.kept()) == 1


def test_settings_that_change_what_is_learned_keep_networks_apart() -> None:
    masked = network(A)
    masked = replace(masked, about=replace(masked.about, settings={"mask": "d" * 64, "minutes": 3}))
    store.keep(masked)
    assert found(A) is None and found(A, mask="d" * 64, minutes=8) is not None


def test_what_is_damaged_or_under_another_name_counts_as_missing(cache: Path) -> None:
    path = store.keep(network(A))
    assert path is not None
    shutil.copy(path, cache / f"{store.key([B], encoder().sha256)}.safetensors")
    assert found(B) is None
    path.write_bytes(path.read_bytes()[:-1])
    assert found(A) is None and [about.paintings for _, about, _ in store.kept()] == [(A,)]


def test_the_newest_is_listed_first() -> None:
    for age, painting in ((50, A), (5, B)):
        path = store.keep(network(painting))
        assert path is not None
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    listed = store.kept()
    assert [about.paintings[0].name for _, about, _ in listed] == ["b.jpg", "a.png"]
    assert all(size == path.stat().st_size for path, _, size in listed)


@pytest.mark.parametrize("word", ["a.png", "A", "a1a1a1", "path", "file", "key"])
def test_a_network_is_forgotten_by_any_of_its_names(word: str) -> None:
    path = store.keep(network(A))
    store.keep(network(B))
    assert path is not None
    word = {"path": str(path), "file": path.name, "key": path.stem[:8]}.get(word, word)
    assert store.forget(word) == [path]
    assert [about.paintings for _, about, _ in store.kept()] == [(B,)]


@pytest.mark.parametrize("word", ["c.png", "a1a1", "", ".", "a\0b"])
def test_nothing_is_forgotten_by_other_words(word: str) -> None:
    store.keep(network(A))
    with pytest.raises(InputError, match="No learned network is kept for"):
        store.forget(word)
    assert len(store.kept()) == 1


def test_a_cache_that_cannot_be_written_keeps_nothing_but_is_read(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep(network(A))
    monkeypatch.setattr(resources, "kept_folder", lambda name: None)  # as for a folder that is read-only
    assert store.keep(network(B)) is None
    assert found(A) is not None and len(store.kept()) == 1


def test_a_cache_that_goes_while_it_is_written_to_keeps_nothing(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "kept_folder", lambda name: cache / "gone")
    assert store.keep(network(A)) is None


def test_room_is_looked_for_before_anything_is_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = store.NEEDED
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    store.check_room(tmp_path)
    free -= 1
    with pytest.raises(ResourceError, match="is full"):
        store.check_room(tmp_path)
    monkeypatch.undo()
    store.check_room(tmp_path / "missing")


def test_only_what_was_learned_is_kept() -> None:
    with pytest.raises(ModelError, match="for any"):
        store.keep(replace(network(A), about=About()))


def test_many_may_keep_at_once_and_whoever_reads_finds_a_whole_file(cache: Path) -> None:
    def keep(steps: int) -> Path | None:
        return store.keep(networks[steps])

    networks = [network(steps=steps + 1) for steps in range(12)]
    keep(0)
    with ThreadPoolExecutor(4) as pool:
        kept = [pool.submit(keep, steps) for steps in range(12)]
        while not all(each.done() for each in kept):
            assert found(PAINTING) is not None
    assert len({each.result() for each in kept}) == 1 and len(list(cache.iterdir())) == 1


def test_the_package_brings_networks_of_its_own(models: Path) -> None:
    again = found(PAINTING)
    assert again is not None and again.about.paintings == (PAINTING,)
    assert found(PAINTING, mask="d" * 64) is None and found(PAINTING, A) is None
    assert store.find([PAINTING], OTHER) is None
    assert store.is_packaged(again)
    store.keep(network(steps=7))
    mine = found(PAINTING)
    assert mine is not None and not store.is_packaged(mine) and not store.is_packaged(network(A, B))
    assert mine.about.steps == 7  # one's own goes before the package's


def test_a_damaged_package_is_said(models: Path) -> None:
    (models / "waves.safetensors").write_bytes(files.to_bytes(network(A)))
    with pytest.raises(ModelError, match=r"damaged.*Reinstall"):
        found(PAINTING)
    (models / "waves.safetensors").unlink()
    with pytest.raises(ModelError, match=r"cannot be read.*Reinstall"):
        found(PAINTING)
    (models / "networks.json").unlink()
    with pytest.raises(ModelError, match=r"cannot be read.*Reinstall"):
        found(PAINTING)
    with pytest.raises(ModelError, match="Reinstall"):
        store.universal()


def test_the_universal_start_is_for_the_embedded_encoder() -> None:
    start = store.universal(encoder().sha256)
    assert not start.learned and start.targets == ()
    with pytest.raises(WeightsError, match=r"learned with the encoder .* not with cccccccccccc"):
        store.universal(OTHER)
