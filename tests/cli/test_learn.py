"""`portrait-nst learn`: which networks are learned, where they go, and what is said of it. Learning itself is a stand-in here."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from portrait_nst import resources
from portrait_nst.cli import learn_output
from portrait_nst.errors import ResourceError
from portrait_nst.instant import files, store
from tests.pipeline.stand_in_learning import StandIn, stand_in
from tests.test_contracts import HEAVY

from .test_commands import run


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C as at a terminal: a test run in the background ignores it."""
    outer = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, outer)


@pytest.fixture(autouse=True)
def learning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: Path) -> type[StandIn]:
    """Learning that takes no time: a step is a step of counting."""
    monkeypatch.setenv(resources.HOME, str(tmp_path / "cache"))
    return stand_in(monkeypatch)


@pytest.fixture
def here(tmp_path: Path, small_style: Path) -> Path:
    """A working folder with "waves.png", and "dots/" with two paintings."""
    folder = tmp_path / "here"
    (folder / "art" / "dots").mkdir(parents=True)
    (folder / "waves.png").write_bytes(small_style.read_bytes())
    for name in ("a", "b"):
        pixels = np.random.default_rng(ord(name)).integers(0, 255, (40, 40, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "art" / "dots" / f"{name}.png")
    return folder


def kept() -> list[Path]:
    return [path for path, _, _ in store.kept()]


def test_a_painting_is_learned_kept_and_known(here: Path) -> None:
    done = run("learn", "waves.png", "--steps", 5, cwd=here)
    assert done.returncode == 0, done.stderr
    (path,) = kept()
    assert done.stdout == f"{path}\n"
    assert "learned waves (5 steps" in done.stderr
    assert done.stderr.endswith("paint with it: portrait-nst stylize me.jpg waves.png --quality instant\n")
    assert not list(path.parent.glob("*.checkpoint"))
    again = run("learn", "waves.png", "--steps", 4, cwd=here)
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert "waves is learned already (5 steps" in again.stderr and StandIn.runs == [(0, 5)]
    assert run("learn", "waves.png", "--steps", 4, "--again", "-q", cwd=here).stderr == ""
    assert run("learn", "waves.png", "--steps", 6, cwd=here).returncode == 0
    assert run("learn", "waves.png", "--steps", 6, "--seed", 1, cwd=here).returncode == 0
    assert StandIn.runs == [(0, 5), (0, 4), (0, 6), (0, 6)]


def test_several_paintings_and_a_folder_each_have_a_network(here: Path) -> None:
    done = run("learn", "waves.png", "RED", "art/dots", "red", "-o", "nets", "--steps", 2, "--json", cwd=here)
    assert done.stderr == ""
    rows = json.loads(done.stdout)["learned"]
    assert [row["painting"] for row in rows] == ["waves", "red", "dots"]
    assert [row["output"] for row in rows] == [f"nets/{name}.safetensors" for name in ("waves", "red", "dots")]
    assert [len(row["sha256"]) for row in rows] == [1, 1, 2]
    assert files.load(here / "nets" / "dots.safetensors").about.steps == 2
    assert len(kept()) == 3
    same = run("learn", "--movement", "Dots", "--library", "art", "--steps", 2, cwd=here)
    assert "dots is learned already" in same.stderr
    library = (here / "art").resolve()
    assert f"stylize me.jpg --movement dots --library {library} --quality instant" in same.stderr


def test_a_blend_is_one_network(here: Path) -> None:
    done = run("learn", "waves.png", "--blend", "blue-dots:0.5", "--blend", "red", "--steps", 2, cwd=here)
    assert done.returncode == 0, done.stderr
    assert "stylize me.jpg waves.png --blend blue_dots:0.5 --blend red --quality instant" in done.stderr
    (network,) = map(files.load, kept())
    assert [(p.name, p.weight) for p in network.about.paintings] == [
        ("waves.png", 1.0), ("blue_dots.png", 0.5), ("red.png", 1.0),
    ]  # fmt: skip


def test_what_is_known_is_written_without_learning(here: Path) -> None:
    run("learn", "waves.png", "--steps", 2, cwd=here)
    assert run("learn", "waves.png", "--steps", 2, "-o", "a.safetensors", cwd=here).stdout == "a.safetensors\n"
    small = run("learn", "waves.png", "--steps", 2, "-o", "b.safetensors", "--compact", cwd=here)
    assert small.returncode == 0 and StandIn.runs == [(0, 2)]
    assert (here / "b.safetensors").stat().st_size < 0.8 * (here / "a.safetensors").stat().st_size


def test_the_list_and_forgetting(here: Path) -> None:
    nothing = run("learn", "--list", cwd=here)
    assert (nothing.returncode, nothing.stdout) == (0, "") and "Nothing is learned yet" in nothing.stderr
    run("learn", "waves.png", "red", "art/dots", "--steps", 3, cwd=here)
    table = run("learn", "--list", cwd=here).stdout.splitlines()
    assert table[0].split() == ["Handle", "Painting", "With", "Learned", "Time", "Steps", "Size"]
    assert sorted(line[8:].strip().split("  ")[0] for line in table[1:]) == ["a.png + b.png", "red.png", "waves.png"]
    rows = json.loads(run("learn", "--list", "--json", cwd=here).stdout)
    assert [row["steps"] for row in rows] == [3, 3, 3] and all(Path(row["file"]).is_file() for row in rows)
    assert run("learn", "--forget", "waves", cwd=here).stderr == "forgot 1 learned network\n"
    digest = next(row["sha256"][0] for row in rows if row["painting"] == "red.png")
    unfinished = kept()[0].parent / f"{kept()[0].stem}-0.checkpoint"
    unfinished.touch()
    assert len(json.loads(run("learn", "--forget", digest[:8], "--json", cwd=here).stdout)["forgotten"]) == 1
    assert len(kept()) == 1
    assert run("learn", "--forget", "ALL", "-q", cwd=here).stderr == ""
    assert kept() == [] and not unfinished.exists()
    gone = run("learn", "--forget", "waves", cwd=here)
    assert gone.returncode == 2 and "No learned network is kept for waves" in gone.stderr


def test_a_name_that_means_several_networks_is_asked_back(here: Path) -> None:
    Image.fromarray(np.full((90, 90), 255, np.uint8)).save(here / "mask.png")
    for more in ([], ["--style-region", "mask.png", "--seed", 3], ["--blend", "red:0.5"]):
        assert run("learn", "waves.png", *more, "--steps", 2, cwd=here).returncode == 0
    listed = run("learn", "--list", cwd=here)
    assert "mask " in listed.stdout and "seed 3" in listed.stdout and "waves.png + red.png:0.5" in listed.stdout
    handles = [line.split()[0] for line in listed.stdout.splitlines()[1:]]
    assert sorted(handles) == sorted(path.stem[:8] for path in kept())
    asked = run("learn", "--forget", "waves", cwd=here)
    assert asked.returncode == 2 and asked.stderr.count("\n") == 1 and "waves means 3 networks" in asked.stderr
    assert " ".join(f"--forget {handle}" for handle in handles) in asked.stderr and len(kept()) == 3
    assert run("learn", "--forget", handles[0], "--forget", handles[0], cwd=here).stderr == "forgot 1 learned network\n"
    assert sorted(path.stem[:8] for path in kept()) == sorted(handles[1:])


def test_unfinished_runs_are_listed_and_forgotten_with_all(
    here: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "interrupt_at", 2)
    run("learn", "waves.png", "--steps", 5, cwd=here)
    run("learn", "--forget", kept()[0].stem[:8], cwd=here)
    monkeypatch.setattr(learning, "interrupt_at", 3)
    run("learn", "waves.png", "--steps", 5, cwd=here)
    assert "and 1 unfinished run (0.0 MB)" in run("learn", "--list", cwd=here).stderr
    assert run("learn", "--forget", "all", cwd=here).stderr == "forgot 1 learned network and 1 unfinished run\n"
    assert "unfinished" not in run("learn", "--list", cwd=here).stderr


def test_a_painting_given_twice_is_one_network_in_the_folder(here: Path) -> None:
    done = run("learn", "waves.png", "waves.png", "-o", "nets", "--steps", 2, cwd=here)
    assert (done.returncode, done.stdout) == (0, "nets/waves.safetensors\n"), done.stderr
    one = run("learn", "waves.png", "waves.png", "-o", "a.safetensors", "--steps", 2, cwd=here)
    assert (one.returncode, one.stdout) == (0, "a.safetensors\n")


def test_a_folder_in_the_place_of_a_style_is_told_how_to_be_given(here: Path) -> None:
    done = run("stylize", "waves.png", "art/dots", "--quality", "instant", cwd=here)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "art/dots is a folder" in done.stderr and "--movement dots --library art instead" in done.stderr


def test_an_animation_says_which_frame_is_learned(here: Path) -> None:
    with Image.open(here / "waves.png") as image:
        frames = [image.convert("RGB"), image.convert("RGB").rotate(90)]
    frames[0].save(here / "a.gif", save_all=True, append_images=frames[1:])
    assert "note: a.gif: " in run("learn", "a.gif", "--steps", 2, cwd=here).stderr


def test_a_preview_shows_the_painting_and_the_photos(here: Path, small_portrait: Path) -> None:
    photos = ["--preview-photo", small_portrait, "--preview-photo", small_portrait]
    done = run("learn", "waves.png", "--steps", 2, "--preview", "p.png", *photos, cwd=here)
    assert done.returncode == 0, done.stderr
    with Image.open(here / "p.png") as sheet:
        assert sheet.width > 3 * 360
    over = run("learn", "waves.png", "--steps", 2, "--preview", "p.png", cwd=here)
    assert over.returncode == 2 and "--force" in over.stderr


BAD: dict[str, tuple[list[object], str]] = {
    "nothing": ([], "painting is missing"),
    "missing": (["no.jpg"], "no.jpg"),
    "no style": (["rod"], "Did you mean red?"),
    "no picture": (["text.jpg"], "text.jpg is not a picture"),
    "too small": (["narrow.png"], "15 x 90"),
    "one colour": (["flat.png"], "flat.png is of one colour"),
    "the second one": (["waves.png", "flat.png"], "flat.png is of one colour"),
    "a folder without pictures": (["empty"], "holds no pictures"),
    "a network": (["there.safetensors"], "is a learned network already"),
    "a pipe": (["-"], "name a file instead of -"),
    "no time": (["waves.png", "--minutes", 0], "minutes must be"),
    "photos missing": (["waves.png", "--photos", "nowhere"], "nowhere is not there"),
    "photos empty": (["waves.png", "--photos", "empty"], "holds no photographs"),
    "suffix": (["waves.png", "-o", "a.pth"], "-o a.safetensors"),
    "exists": (["waves.png", "-o", "there.safetensors"], "--force"),
    "standard output": (["waves.png", "-o", "-"], "cannot go to standard output"),
    "a folder that is none": (["waves.png", "-o", "no/a.safetensors"], "no does not exist"),
    "one file for two": (["waves.png", "red", "-o", "a.safetensors"], "need a folder"),
    "a file as folder": (["waves.png", "red", "-o", "file"], "cannot be made"),
    "one name for two": (["waves.png", "copy/waves.png", "-o", "nets"], "would both be written to waves.safetensors"),
    "an input": (["waves.png", "--preview", "waves.png", "-f"], "one of the inputs"),
    "preview": (["waves.png", "--preview", "p.jpg"], "must end in .png"),
    "photo without preview": (["waves.png", "--preview-photo", "waves.png"], "--preview sheet.png"),
    "compact alone": (["waves.png", "--compact"], "--compact is for"),
    "blend of several": (["waves.png", "red", "--blend", "red"], "give one PAINTING"),
    "weight": (["waves.png", "--blend", "red:0"], "weight must be"),
    "movement alone": (["--movement", "dots"], "go together"),
    "unknown movement": (["--movement", "spots", "--library", "art"], "no movement 'spots'"),
    "list and more": (["waves.png", "--list"], "--list goes alone"),
    "list with a setting": (["--list", "--seed", 3], "--list goes alone"),
    "forget and more": (["waves.png", "--forget", "all"], "--forget goes alone"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_told_in_a_line_before_anything_is_learned(case: str, here: Path) -> None:
    (here / "empty").mkdir()
    (here / "text.jpg").write_text("I am not a picture")
    Image.new("RGB", (15, 90)).save(here / "narrow.png")
    Image.new("RGB", (90, 90), (90, 120, 200)).save(here / "flat.png")
    (here / "there.safetensors").write_bytes(b"precious")
    (here / "file").write_bytes(b"")
    (here / "copy").mkdir()
    (here / "copy" / "waves.png").write_bytes((here / "waves.png").read_bytes())
    arguments, said = BAD[case]
    done = run("learn", *arguments, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ") and said in done.stderr and done.stderr.count("\n") == 1, done.stderr
    assert StandIn.runs == [] and (here / "there.safetensors").read_bytes() == b"precious"


def test_without_a_cache_only_a_file_is_written(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "plain").write_text("no folder")
    monkeypatch.setenv(resources.HOME, str(here / "plain"))
    done = run("learn", "waves.png", "--steps", 2, cwd=here)
    assert done.returncode == 2 and "give a file with -o" in done.stderr and StandIn.runs == []
    done = run("learn", "waves.png", "--steps", 2, "-o", "a.safetensors", cwd=here)
    assert (done.returncode, done.stdout) == (0, "a.safetensors\n") and "nothing is kept" in done.stderr
    assert "stylize me.jpg a.safetensors --quality instant" in done.stderr


@pytest.mark.parametrize("as_signal", [True, False])
def test_ctrl_c_keeps_what_is_learned_and_the_same_command_goes_on(
    as_signal: bool, here: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal lets the step that is being made end; an exception in the middle of one costs that step."""
    monkeypatch.setattr(learning, "interrupt_at", 3)
    monkeypatch.setattr(learning, "signals", as_signal)
    done = run("learn", "waves.png", "red", "--steps", 6, cwd=here)
    far = 3 if as_signal else 2
    assert done.returncode == 130 and StandIn.runs == [(0, far)]
    assert f"waves is kept as far as it was learned ({far} steps" in done.stderr
    assert done.stdout == f"{kept()[0]}\n" and files.load(kept()[0]).about.steps == far
    monkeypatch.setattr(learning, "interrupt_at", 0)
    done = run("learn", "waves.png", "--steps", 6, cwd=here)
    assert done.returncode == 0 and StandIn.runs[1:] == [(far, 6)]
    assert f"waves: going on after step {far}, where it was broken off" in done.stderr
    assert "learned already" in run("learn", "waves.png", "--steps", 6, cwd=here).stderr


def test_ctrl_c_before_the_first_step_and_for_the_second_time_ends_at_once(
    here: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "interrupt_at", 1)
    done = run("learn", "waves.png", "--steps", 3, cwd=here)
    assert (done.returncode, done.stdout) == (130, "") and "nothing was written" in done.stderr and kept() == []
    monkeypatch.setattr(learning, "interrupt_at", 2)
    monkeypatch.setattr(learning, "network", lambda self: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr(learning, "signals", True)
    done = run("learn", "waves.png", "--steps", 3, cwd=here)
    assert done.returncode == 130 and kept() == []
    assert done.stderr.splitlines()[-2:] == [learn_output.INTERRUPTED, "Error: Interrupted; nothing was written."]


def test_a_run_that_is_interrupted_early_does_not_replace_what_was_learned_for_longer(
    here: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("learn", "waves.png", "--steps", 5, cwd=here)
    monkeypatch.setattr(learning, "interrupt_at", 2)
    monkeypatch.setattr(learning, "signals", True)
    done = run("learn", "waves.png", "--steps", 9, cwd=here)
    assert done.returncode == 130 and "had more steps" in done.stderr
    assert files.load(kept()[0]).about.steps == 5


def test_a_full_disk_is_a_line(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise ResourceError("The disk is full: a.safetensors could not be written.")

    monkeypatch.setattr(files, "save", full)
    done = run("learn", "waves.png", "--steps", 2, "-o", "a.safetensors", cwd=here)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.splitlines()[-1].startswith(
        "Error: The disk is full"
    )
    assert len(kept()) == 1


def test_a_shorter_run_goes_into_a_file_and_the_longer_one_stays(here: Path) -> None:
    run("learn", "waves.png", "--steps", 5, cwd=here)
    done = run("learn", "waves.png", "--steps", 2, "--seed", 3, cwd=here)
    assert (done.returncode, done.stdout) == (0, "waves.safetensors\n") and "had more steps and stays" in done.stderr
    assert "stylize me.jpg waves.safetensors" in done.stderr and files.load(kept()[0]).about.steps == 5


def test_room_is_looked_for_where_the_file_goes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []
    monkeypatch.setattr(store, "check_room", looked.append)
    assert run("learn", "waves.png", "--steps", 2, "-o", "a.safetensors", cwd=here).returncode == 0
    assert looked == [Path(), kept()[0].parent]


def test_learn_with_stylize_refuses_a_cache_that_keeps_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "plain").write_text("no folder")
    monkeypatch.setenv(resources.HOME, str(here / "plain"))
    done = run("stylize", "waves.png", "waves.png", "--region", "all", "--quality", "instant", "--learn", cwd=here)
    assert (done.returncode, StandIn.runs) == (2, []) and "learn into a file" in done.stderr.splitlines()[-1]


def test_what_the_cache_cannot_take_is_not_lost(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "keep", lambda network: None)
    (here / "waves.safetensors").write_bytes(b"precious")
    done = run("learn", "waves.png", "--steps", 2, cwd=here)
    assert (done.returncode, done.stdout) == (0, "waves-2.safetensors\n") and "nothing is kept" in done.stderr
    assert files.load(here / "waves-2.safetensors").about.steps == 2
    assert (here / "waves.safetensors").read_bytes() == b"precious"


def test_without_a_terminal_there_are_few_lines(
    here: Path, learning: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn_output, "LINE_EVERY", 0.0)
    monkeypatch.setattr(learning, "pause", 0.01)
    done = run("learn", "waves.png", "--steps", 5, cwd=here)
    first, second, *_ = done.stderr.splitlines()
    assert first == "waves: learning, 1 s to go"
    assert (
        second.startswith("waves: step 4, ") and "steps/s, colours 0.40  strokes 2.00  drawing 0.10, 0 s left" in second
    )
    assert run("learn", "red", "--steps", 3, "-q", cwd=here).stderr == ""


def test_stylize_learns_first_and_shows_it(here: Path) -> None:
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 48, 3), np.uint8)).save(here / "me.png")
    Image.fromarray(np.uint8(np.indices((64, 48))[0] > 20) * 255).save(here / "mask.png")
    command = [
        "stylize",
        "me.png",
        "waves.png",
        "--mask",
        "mask.png",
        "--background",
        "red",
        "--quality",
        "instant",
        "--learn",
    ]
    done = run(*command, cwd=here)
    assert (done.returncode, done.stdout) == (0, "me-waves.png\n"), done.stderr
    said = [line for line in done.stderr.splitlines() if "learn" in line]
    assert said[:4] == [
        "waves: learning, 0 s to go", "learned waves (4 steps, 2 s)", "red: learning, 0 s to go", "learned red (4 steps, 2 s)",
    ]  # fmt: skip
    assert len(kept()) == 2
    again = run(*command, "-f", cwd=here)
    assert "learn" not in again.stderr and len(StandIn.runs) == 2


def test_a_batch_learns_first_and_once(here: Path) -> None:
    for name in ("me", "you"):
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 48, 3), np.uint8)).save(
            here / "art" / f"{name}.png"
        )
    Image.new("RGB", (90, 90), (90, 120, 200)).save(here / "flat.png")
    quick = [
        "--region",
        "all",
        "--quality",
        "instant",
        "--learn",
        "--workers",
        1,
        "--out",
        "out",
        "--style",
        "waves.png",
    ]
    done = run("batch", "art/me.png", "art/you.png", *quick, "--style", "flat.png", cwd=here)
    assert StandIn.runs == [(0, 4)] and "learned waves (4 steps, 2 s)" in done.stderr
    assert "note: not learned: " in done.stderr and "flat.png is of one colour" in done.stderr
    assert (
        done.returncode == 1
        and (here / "out" / "me-waves.png").is_file()
        and (here / "out" / "you-waves.png").is_file()
    )


def test_a_painting_whose_name_needs_quotes(here: Path) -> None:
    (here / "waves.png").rename(here / "my waves.png")
    done = run("learn", "my waves.png", "--steps", 2, cwd=here)
    assert "stylize me.jpg 'my waves.png' --quality instant" in done.stderr


def test_the_hint_is_the_whole_command_in_one_line(here: Path) -> None:
    (here / "waves.png").rename(here / "-a\nb.png")
    Image.fromarray(np.full((90, 90), 255, np.uint8)).save(here / "my mask.png")
    done = run("learn", "./-a\nb.png", "--style-region", "my mask.png", "--steps", 2, cwd=here)
    hint = r"stylize me.jpg $'./-a\x0ab.png' --style-region 'my mask.png' --quality instant"
    assert done.stderr.splitlines()[-1] == f"paint with it: portrait-nst {hint}"
    assert all(line.startswith(("-a\\nb: learning", "learned -a\\nb", "paint")) for line in done.stderr.splitlines())


def test_the_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from portrait_nst.cli.main import app; from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app, ['learn', '--help']).exit_code == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
