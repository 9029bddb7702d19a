"""Which network paints, and a picture made again with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portrait_nst import InputError, ModelError, WeightsError, encoders, rerun, resources, stylize
from portrait_nst.errors import ResourceError
from portrait_nst.instant import Network, files, store
from portrait_nst.instant.learning import LearnSettings
from portrait_nst.pipeline import learning
from portrait_nst.pipeline.instant.networks import digest, learned_with
from portrait_nst.pipeline.instant.painters import MOST, Painters
from portrait_nst.pipeline.learning import Learned, what_is_learned
from portrait_nst.settings import Settings
from portrait_nst.settings.unused import unused_notes
from tests.pipeline.instant.conftest import QUICK


def test_what_was_learned_is_found(small_portrait: Path, small_style: Path, kept: Path, network: Network) -> None:
    result = stylize(small_portrait, small_style, **QUICK)
    (made,) = result.recipe["networks"]
    assert made["sha256"] == digest(network) and made["learned"] and made["steps"] == 5
    assert made["of"] == [{"file": "waves.png", "sha256": network.about.paintings[0].sha256, "weight": 1.0}]
    assert not any("not learned" in note for note in result.notes)


def test_a_learned_file_paints_as_its_painting(
    small_portrait: Path, small_style: Path, kept: Path, learned_file: Path
) -> None:
    found, given = (stylize(small_portrait, style, **QUICK).rgb for style in (small_style, learned_file))
    assert np.array_equal(found, given)


def test_a_blend_without_a_network_is_a_mixture(small_portrait: Path, small_style: Path, samples: Path) -> None:
    other = samples / "styles" / "mosaic.png"
    alone, blend, twice = (
        stylize(small_portrait, style, **QUICK).rgb.astype(int)
        for style in (small_style, [(small_style, 1.0), (other, 1.0)], [(small_style, 1.0), (small_style, 3.0)])
    )
    assert np.abs(blend - alone).mean() > 1 and np.abs(twice - alone).max() <= 1


def test_learned_files_are_for_instant_alone(small_portrait: Path, learned_file: Path, small_style: Path) -> None:
    with pytest.raises(InputError, match=r"waves\.safetensors is a learned network, with which only --quality instant"):
        stylize(small_portrait, learned_file, quality="draft")
    with pytest.raises(InputError, match=r"which cannot be blended with another style; learn the blend instead"):
        stylize(small_portrait, [learned_file, small_style], **QUICK)


def test_files_that_are_no_learned_network(
    small_portrait: Path, network: Network, small_style: Path, tmp_path: Path
) -> None:
    path = tmp_path / "not.safetensors"
    path.write_bytes(small_style.read_bytes())
    with pytest.raises(ModelError, match=r"not\.safetensors cannot be used as a learned network"):
        stylize(small_portrait, path, **QUICK)
    path.write_bytes(b"")
    with pytest.raises(ModelError, match=r"it is empty \(0 bytes\)\. Expected a file that `portrait-nst learn` wrote"):
        stylize(small_portrait, path, **QUICK)
    files.save(network, tmp_path / "net.png.safetensors").rename(tmp_path / "net.png")
    with pytest.raises(InputError, match=r"looks like a learned network; rename it to .*net\.safetensors"):
        stylize(small_portrait, tmp_path / "net.png", **QUICK)
    with pytest.raises(InputError, match=r"missing\.safetensors"):
        stylize(small_portrait, tmp_path / "missing.safetensors", **QUICK)
    files.save(store.universal(), path, overwrite=True)
    with pytest.raises(InputError, match="was learned for no painting"):
        stylize(small_portrait, path, **QUICK)
    other = replace(network, about=replace(network.about, encoder_sha256="ab" * 32))
    files.save(other, path, overwrite=True)
    with pytest.raises(WeightsError, match="was learned with the encoder abab"):
        stylize(small_portrait, path, **QUICK)


def test_another_encoder_is_refused_in_one_line() -> None:
    for changes in ({"encoder": "vgg19"}, {"weights": "mine.npz"}):
        with pytest.raises(
            InputError, match=r"quality instant paints with networks that were learned with the embedded"
        ):
            Settings(quality="instant", **changes)  # type: ignore[arg-type]


def test_what_instant_leaves_aside_is_told() -> None:
    instant = Settings(quality="instant", iterations=3, optimizer="adam", style_scale=2.0)
    notes = unused_notes(instant, ("iterations", "optimizer", "style_scale", "quality", "strength", "seed", "learn"))
    assert [note.split()[0] for note in notes] == ["--optimizer", "--iterations"]
    assert unused_notes(Settings(learn=True), ("learn",)) == [
        "--learn is for --quality instant; the other qualities need no learning"
    ]


def test_learn_learns_first_and_keeps(
    small_portrait: Path, small_style: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def learn(painting: object, **how: object) -> Learned:
        asked.append(how)
        store.keep(network)
        return Learned(network, "learned")

    monkeypatch.setattr(learning, "learn", learn)
    for _ in range(2):
        result = stylize(small_portrait, small_style, learn=True, **QUICK)
        assert result.recipe["networks"][0]["learned"] and not any("preview" in note for note in result.notes)
    assert asked == [{"style_region": "whole", "device": "cpu", "precision": "float32"}]


def test_what_could_not_be_kept_is_not_learned_for_one_picture(
    small_portrait: Path, small_style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "kept_folder", lambda name="": None)  # as for a folder that is read-only
    monkeypatch.setattr(learning, "learn", lambda *_, **__: pytest.fail("learned"))
    with pytest.raises(ResourceError, match=r"cache folder cannot be written.*learn into a file"):
        stylize(small_portrait, small_style, learn=True, **QUICK)


def test_what_is_learned_is_looked_for_under_the_same_settings(tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    mask.write_bytes(b"any")
    for region in ("whole", "person", str(mask)):
        learned = what_is_learned(LearnSettings(style_region=region))
        assert learned_with(region) == {name: learned[name] for name in store.COUNTED if name in learned}


def test_rerun_gives_the_same_bytes(small_portrait: Path, small_style: Path, kept: Path, tmp_path: Path) -> None:
    path = stylize(small_portrait, small_style, **QUICK).save(tmp_path / "out.png")
    again = rerun(path, photo=small_portrait, style=small_style).save(tmp_path / "again.png")
    assert path.read_bytes() == again.read_bytes()
    kept.unlink()
    with pytest.raises(
        InputError, match=r"The network [0-9a-f]{12}\.\.\. that painted waves\.png then is not kept here"
    ):
        rerun(path, photo=small_portrait, style=small_style)


def test_a_preview_is_made_again_after_the_painting_was_learned(
    small_portrait: Path, small_style: Path, network: Network, tmp_path: Path
) -> None:
    path = stylize(small_portrait, small_style, **QUICK).save(tmp_path / "out.png")
    store.keep(network)
    again = rerun(path, photo=small_portrait, style=small_style).save(tmp_path / "again.png")
    assert path.read_bytes() == again.read_bytes()


def test_rerun_with_a_learned_file(small_portrait: Path, learned_file: Path, tmp_path: Path) -> None:
    path = stylize(small_portrait, learned_file, **QUICK).save(tmp_path / "out.png")
    again = rerun(path, photo=small_portrait, style=learned_file).save(tmp_path / "again.png")
    assert path.read_bytes() == again.read_bytes()


def test_painters_are_kept_between_pictures(network: Network) -> None:
    painters, encoder = Painters(), encoders.get("embedded")
    first = painters.of(encoder, network, "cpu", "float32")
    same = files.from_bytes(files.to_bytes(network))
    assert painters.of(encoder, same, "cpu", "float32") is first
    for number in range(MOST):
        painters.of(encoder, replace(network, grain=0.01 * (number + 3)), "cpu", "float32")
    assert painters.of(encoder, network, "cpu", "float32") is not first
