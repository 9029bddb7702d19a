"""What holds for the project as a whole: layers, public names, documentation, the models' register."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import portrait_nst
from portrait_nst import resources
from portrait_nst.cli.main import app

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "portrait_nst"
README = (ROOT / "README.md").read_text()

# From the bottom to the top; a room may import from its own level's own room and from the levels below.
LEVELS = [
    {"__init__", "errors"},
    {"resources"},
    {"named_styles", "qualities"},
    {"types", "settings"},
    {"planning"},
    {"presets"},
    {"imaging", "pop_art", "encoders"},
    {"segmentation", "transfer"},
    {"recipe", "result"},
    {"pipeline"},
    {"report"},
    {"batch"},
    {"cli"},
    {"__main__"},
]
HOMES = {"mediapipe": "segmentation", "torchvision": "encoders", "typer": "cli"}
HOMES |= {"matplotlib": "report", "av": "report", "jinja2": "report"}
HEAVY = ("torch", "torchvision", "mediapipe", "cv2", "numpy.linalg", "shapely", "skimage", "matplotlib", "av", "jinja2")


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def level(name: str) -> int:
    return next(i for i, rooms in enumerate(LEVELS) if name in rooms)


def imports(path: Path) -> list[tuple[str, bool]]:
    """(module, whether only for type checkers) of every import in the file, also those inside functions."""
    found = []
    tree = ast.parse(path.read_text())
    guarded = {
        id(node)
        for guard in ast.walk(tree)
        if isinstance(guard, ast.If) and ast.unparse(guard.test) == "TYPE_CHECKING"
        for node in ast.walk(guard)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in guarded) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "portrait_nst":
                found += [(f"portrait_nst.{alias.name}", id(node) in guarded) for alias in node.names]
            else:
                found.append((node.module, id(node) in guarded))
    return found


SOURCES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    here = room(path)
    for module, only_types in imports(path):
        if module.startswith("portrait_nst.") and not only_types:
            there = module.split(".")[1]
            if there in ("__version__", here):
                continue
            assert level(there) < level(here), f"{path} imports {module} from a level that is not below its own"


@pytest.mark.parametrize("library", HOMES)
def test_a_foreign_library_has_one_room(library: str) -> None:
    users = {room(p) for p in SOURCES for module, _ in imports(p) if module.split(".")[0] == library}
    assert users <= {HOMES[library]}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))


def test_importing_the_package_and_asking_for_help_load_nothing_heavy() -> None:
    code = (
        "import sys; import portrait_nst; from portrait_nst.cli.main import app\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(app, ['stylize', '--help']).exit_code == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().splitlines()[-1] == "[]"


def test_public_names_are_there_and_documented() -> None:
    for name in portrait_nst.__all__:
        assert getattr(portrait_nst, name).__doc__, name
    with pytest.raises(AttributeError, match="nonsense"):
        _ = portrait_nst.nonsense


def commands(group: Any, before: str = "") -> dict[str, Any]:
    """All commands by their full names; those of a group inside are "group command"."""
    found = {}
    for name, command in group.commands.items():
        found |= commands(command, f"{before}{name} ") if hasattr(command, "commands") else {before + name: command}
    return found


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_with_help_and_examples(name: str) -> None:
    command = COMMANDS[name]
    assert f"portrait-nst {name}" in README
    assert "Example" in command.help
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name != "help":
            assert parameter.help, f"{name}: {parameter.name} has no help"


def test_the_readme_names_only_options_that_exist() -> None:
    known = {option for command in COMMANDS.values() for p in command.params for option in [*p.opts, *p.secondary_opts]}
    known |= {"--version", "--help", "--install-completion"}
    for line in re.findall(r"^\s*(?:\$ )?portrait-nst .*$", README, re.MULTILINE):
        for option in re.findall(r"(?<=\s)--[a-z][a-z-]*", line):
            assert option in known, line


def test_the_models_are_those_of_the_register_and_small() -> None:
    register = json.loads((ROOT / "models" / "models.json").read_text())
    for name, entry in register.items():
        data = resources.model_bytes(name)
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert len(data) == entry["bytes"] < 5_000_000
        assert entry["licence"] and entry["source"] and entry["use"]
        assert (ROOT / "models" / f"{Path(name).stem}.md").is_file(), f"{name} has no card"


def test_a_changed_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in (ROOT / "models").iterdir():
        if file.suffix in (".json", ".tflite"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "selfie_segmentation.tflite").write_bytes(b"not a model")
    monkeypatch.setattr(resources, "models_folder", lambda: tmp_path)
    with pytest.raises(portrait_nst.ModelError, match=r"damaged.*Reinstall"):
        resources.model_bytes("selfie_segmentation.tflite")


def test_the_version_is_in_the_changelog() -> None:
    assert f"## {portrait_nst.__version__} " in (ROOT / "CHANGELOG.md").read_text()


def test_the_readme_gives_the_command_that_ci_runs() -> None:
    ci = (ROOT / ".ci" / "run").read_text()
    assert "pip install -e '.[test]' && pytest" in README
    assert re.search(r"^pip install .*-e '\.\[test\]'$", ci, re.MULTILINE)
    assert re.search(r"^pytest$", ci, re.MULTILINE)
