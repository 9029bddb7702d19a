"""Hostile files of every kind end in a value or in one line; the campaign finds what it is to find."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.hostile import campaign
from tests.hostile.faults import FAULTS
from tests.hostile.targets import TARGETS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory and time are watched as Linux tells them")
SEED = 15


def check(found: campaign.Campaign) -> None:
    kinds = [f"{target}: {what}; {failures[0].command}" for (target, what), failures in found.kinds.items()]
    assert not kinds, "\n".join(kinds)


def test_hostile_files_are_read_or_refused() -> None:
    found = campaign.run(list(TARGETS), seed=SEED, count=400, seconds=240)
    check(found)
    assert sum(found.tried.values()) == 400, found.table()
    assert {name for name, _ in found.tried} == set(TARGETS)
    # Neither too tame nor too wild.
    for name in ("decode", "mask", "recipe", "jobs csv", "palette", "learned", "manifest"):
        assert found.tried[name, "read"] and found.tried[name, "refused"], found.table()


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_many_hostile_files(name: str) -> None:
    check(campaign.run([name], seed=SEED + 1, count=5000, seconds=300))


def test_the_same_number_makes_the_same_bytes() -> None:
    for name in TARGETS:
        first, again = (campaign.data_of(campaign.Failure(name, SEED, 7, "")) for _ in range(2))
        assert first == again, name
        assert campaign.data_of(campaign.Failure(name, SEED, 8, "")) != first, name


def test_what_no_reader_may_do_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTILE_CPU_SECONDS", "4")
    monkeypatch.setenv("HOSTILE_CHATTER", "1")
    found = campaign.run(list(FAULTS), seed=SEED, count=len(FAULTS), keep=tmp_path / "kept")
    wrong = {failure.target.removeprefix("fault "): failure.what for failure in found.failures}
    words = {
        "raise": "KeyError", "spin": "processor time", "eat": "GB", "crash": "segmentation fault", "write": "outside the folder",
        "print": "printed", "warn": "UserWarning", "native": "native code printed", "start": "subprocess.Popen",
        "connect": "socket.connect", "ramble": "several lines",
    }  # fmt: skip
    assert {name: word in wrong.get(name, "") for name, word in words.items()} == dict.fromkeys(words, True), wrong
    assert len(list((tmp_path / "kept").glob("*.bin"))) == len(FAULTS)
