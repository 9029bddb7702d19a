"""What holds for the project as a whole: layers, public names, documentation, the models' register."""

from __future__ import annotations

import ast
import functools
import hashlib
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

import portrait_nst
from portrait_nst import named_styles, resources
from portrait_nst.cli.main import app
from portrait_nst.instant import files, store

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "portrait_nst"
README = (ROOT / "README.md").read_text()

# From the bottom to the top; a room may import from its own level's own room and from the levels below.
LEVELS = [
    {"__init__", "errors"},
    {"resources"},
    {"named_styles", "qualities"},
    {"types", "settings", "style_spec"},
    {"planning"},
    {"presets"},
    {"imaging", "faces"},
    {"clips", "motion"},
    {"pop_art", "encoders"},
    {"segmentation", "transfer"},
    {"instant"},
    {"recipe", "result"},
    {"pipeline"},
    {"report"},
    {"video"},
    {"live"},
    {"batch"},
    {"studio"},
    {"cli"},
    {"__main__"},
]
# Within a room, in the same order; what is not listed here only keeps out of circles.
PARTS = {
    "imaging": [
        {"atomic", "compositing", "continuation", "foreground", "formats", "iso_boxes", "metadata", "pixels"},
        {"png_chunks", "silence", "sources"},
        {"file_objects"},
        {"colour"},
        {"gain_maps"},
        {"decoding", "encoding"},
        {"reading", "writing"},
    ],
    "instant": [
        {"decoder", "gaussian", "ground", "keys", "strength", "subpixel"},
        {"features", "network", "prepared"},
        {"metadata", "painter"},
        {"files", "windows"},
        {"large", "store"},
        {"learning", "onnx_export"},  # these do not know each other
    ],
    "batch": [{"storage"}, {"manifest"}, {"planning"}, {"workers"}],
    "studio": [
        {"beginning", "letters", "options", "patience", "plain", "records"},
        {"events", "keeping", "models", "resolved", "security"},
        {"desk", "ending", "live", "running"},  # these do not know each other
        {"painter"},
        {"studio"},
        {"api", "opening"},
        {"server"},
    ],
}
HOMES = {"mediapipe": "segmentation", "torchvision": "encoders", "typer": "cli"}
HOMES |= {"pillow_heif": "imaging", "tifffile": "imaging", "imagecodecs": "imaging"}
HOMES |= {"safetensors": "instant", "onnx": "instant", "onnxruntime": "instant"}
HOMES |= dict.fromkeys(("fastapi", "starlette", "uvicorn", "pydantic", "anyio"), "studio")
HOMES |= {"rembg": "segmentation", "matplotlib": "report", "av": "report clips live", "jinja2": "report"}
HEAVY = (
    "torch",
    "torchvision",
    "mediapipe",
    "rembg",
    "cv2",
    "numpy.linalg",
    "shapely",
    "skimage",
    "matplotlib",
    "av",
    "jinja2",
    "pillow_heif",
    "tifffile",
    "imagecodecs",
    "safetensors",
    "onnx",
    "fastapi",
)


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


def level(name: str) -> int:
    return next(i for i, rooms in enumerate(LEVELS) if name in rooms)


SOURCES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in SOURCES}


@functools.cache
def imports(path: Path) -> list[str]:
    """Every module that the file imports, inside functions and for type checkers alone too.

    `from a import b` counts as `a.b` where that is a module of ours, else as `a`.
    """
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, f"{path} imports relatively"
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name if name in MODULES else node.module for name in full]
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_downward(path: Path) -> None:
    here = room(path)
    for module in imports(path):
        if module.startswith("portrait_nst."):
            there = module.split(".")[1]
            assert there == here or level(there) < level(here), f"{path} imports {module}, which is not below it"


@pytest.mark.parametrize("name", PARTS)
def test_the_parts_of_a_room_import_downward(name: str) -> None:
    place = {part: i for i, parts in enumerate(PARTS[name]) for part in parts}
    for module, path in MODULES.items():
        here = module.split(".")[2:3]
        if room(path) != name or not here or here[0] not in place:
            continue
        for there in imports(path):
            part = there.removeprefix(f"portrait_nst.{name}.").split(".")[0]
            if there.startswith(f"portrait_nst.{name}.") and part in place and part != here[0]:
                assert place[part] < place[here[0]], f"{module} imports {there}, which is not below it"


@pytest.mark.parametrize("name", ["imaging", "instant", "studio"])
def test_every_part_of_a_room_has_its_place(name: str) -> None:
    parts = {path.stem for path in (PACKAGE / name).iterdir() if path.name[0] not in "._"}
    assert parts - {"__pycache__", "page"} == set().union(*PARTS[name])


def way_back(start: str) -> list[str]:
    """The shortest circle of imports that leads from a module to itself; empty where there is none."""
    came_from: dict[str, str] = {}
    front = [start]
    while front:
        reached = []
        for module in front:
            for there in imports(MODULES[module]):
                if there == start and module != start:
                    circle = [start, module]
                    while circle[-1] != start:
                        circle.append(came_from[circle[-1]])
                    return circle[::-1]
                if there in MODULES and there not in came_from and there != start:
                    came_from[there] = module
                    reached.append(there)
        front = reached
    return []


ROOMS = sorted({room(path) for path in SOURCES})


@pytest.mark.parametrize("name", ROOMS)
def test_no_imports_run_in_a_circle(name: str) -> None:
    circles = [way_back(module) for module, path in MODULES.items() if room(path) == name]
    assert [" -> ".join(circle) for circle in circles if circle] == []


@pytest.mark.parametrize("library", HOMES)
def test_a_foreign_library_has_one_room(library: str) -> None:
    users = {room(p) for p in SOURCES for module in imports(p) if module.split(".")[0] == library}
    assert users <= set(HOMES[library].split())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))


def test_importing_the_package_and_asking_for_help_load_nothing_heavy() -> None:
    code = (
        "import sys; import portrait_nst; from portrait_nst.cli.main import app\n"
        "from typer.testing import CliRunner\n"
        "names = ('stylize', 'video', 'live', 'studio')\n"
        "assert all(CliRunner().invoke(app, [name, '--help']).exit_code == 0 for name in names)\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip().splitlines()[-1] == "[]"


def test_public_names_are_there_and_documented() -> None:
    for name in portrait_nst.__all__:
        assert getattr(portrait_nst, name).__doc__, name
    with pytest.raises(AttributeError, match="nonsense"):
        _ = portrait_nst.nonsense  # type: ignore[attr-defined]


def commands(group: Any, before: str = "") -> dict[str, Any]:
    """All commands by their full names; those of a group inside are "group command"."""
    found: dict[str, Any] = {}
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
        assert len(data) == entry["bytes"] < 6_600_000
        assert entry["licence"] and entry["source"] and entry["use"]
        assert (ROOT / "models" / f"{Path(name).stem}.md").is_file(), f"{name} has no card"


def test_the_learned_networks_are_those_of_their_register_and_small() -> None:
    folder = ROOT / "models" / store.FOLDER
    register = store.register()
    assert sorted(register) == sorted(path.name for path in folder.glob(f"*{files.SUFFIX}"))
    pictures = {resources.file_digest(path): name for name, path in named_styles.files().items()}
    for name, entry in register.items():
        data = (folder / name).read_bytes()
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert len(data) == entry["bytes"] < 600_000
        network = files.from_bytes(data, name)
        network.check_encoder(json.loads((ROOT / "models" / "models.json").read_text())["embedded.npz"]["sha256"])
        if name == store.UNIVERSAL:
            assert "picture" not in entry and not network.learned and not network.targets
        else:
            assert pictures[entry["picture"]] == Path(name).stem, f"{name} was learned for another picture"
            assert network.learned and [painting.sha256 for painting in network.about.paintings] == [entry["picture"]]
    assert f"`{store.UNIVERSAL}`" in (folder / "README.md").read_text()


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
    assert re.search(r"^pip install .*-e '\.\[test,docs\]'$", ci, re.MULTILINE)
    assert re.search(r"^pytest\b", ci, re.MULTILINE)


def test_the_citation_names_this_version() -> None:
    assert f"\nversion: {portrait_nst.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_the_map_of_the_code_names_every_room_and_nothing_else() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    block = text.split("## The house", 1)[1].split("```")[1]
    named: set[str] = set()
    for line in block.splitlines():
        named |= set(itertools.takewhile(re.compile(r"[\w.]+(\.py|/)").fullmatch, line.split()))
    for name in named:
        assert (PACKAGE / name).exists() or (ROOT / name).exists(), (
            f"CONTRIBUTING's map names {name}, which is not there"
        )
    rooms = {path.name + ("/" if path.is_dir() else "") for path in PACKAGE.iterdir() if path.name[0] not in "._"}
    rooms = {name for name in rooms if name.endswith((".py", "/"))} - {"__init__.py", "__main__.py", "__pycache__/"}
    assert rooms - named == set(), "CONTRIBUTING's map lacks these"


# Tests of the house as a whole; every other test file stands in the folder of the room that it tests.
OF_THE_HOUSE = {
    "contracts",
    "samples",
    "golden",
    "doctests",
    "docs",
    "examples",
    "tour",
    "painterly_measures",
    "instant_measures",
    "video_measures",
    "benchmarks",
}
TESTS = sorted(path for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("path", TESTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_tests_stand_where_the_package_has_what_they_test(path: Path) -> None:
    folder = path.parent.relative_to(ROOT / "tests")
    if folder == Path():
        name = path.stem.removeprefix("test_")
        assert name in OF_THE_HOUSE or (PACKAGE / f"{name}.py").is_file(), (
            f"{path} tests no module of the package's own folder"
        )
    elif folder not in (Path("hostile"), Path("studio/browser")):  # of all readers; of the studio's page
        assert (PACKAGE / folder).is_dir(), f"the package has no folder {folder}"


@pytest.mark.parametrize("name", sorted(p.name for p in PACKAGE.iterdir() if (p / "__init__.py").is_file()))
def test_every_room_has_its_tests(name: str) -> None:
    assert list((ROOT / "tests" / name).rglob("test_*.py"))
