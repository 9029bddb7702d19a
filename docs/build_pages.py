"""Pages that are made when the site is built, by mkdocs-gen-files: nothing is written twice.

Guides are sections of README, the command line's page is what Typer says of the commands, the settings' page comes from
the fields of `Settings`, the reference from docstrings, and the gallery from the commands in `gallery.py`.
"""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import mkdocs_gen_files
from markdown.extensions.toc import slugify

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
REPOSITORY = "https://github.com/portrait-nst/portrait-nst/blob/main"

GUIDES = {  # page: its title, and the sections of README that it consists of; "" is what stands before the first
    "index.md": ("portrait_nst", ["", "What it does"]),
    "install.md": ("Install", ["Install"]),
    "first-picture.md": (
        "Your first picture",
        ["Stylise", "Styles by name", "Check and correct the mask", "What layers know"],
    ),
    "instant.md": ("Instant", ["Instant"]),
    "video.md": ("Video and live", ["Video", "Live"]),
    "studio.md": ("Studio", ["Studio"]),
    "likeness.md": ("Likeness", ["Likeness"]),
    "pop-art.md": ("Pop art", ["Pop art"]),
    "compare.md": ("Compare settings", ["Compare settings"]),
    "batch.md": ("Many pictures", ["Many pictures"]),
    "encoders.md": ("Encoders", ["Encoders"]),
    "files.md": ("Files, recipes, errors", ["Files, pipes, errors", "Make it again"]),
    "speed.md": ("Time and memory", ["How long it takes"]),
}
PYTHON = ("Python", ["From Python"])
FIRST = [
    "stylize",
    "popart",
    "Stylizer",
    "Settings",
    "Result",
    "Run",
    "Subject",
    "PaintPlan",
]  # what a reader looks for
ROOMS = {  # page: the modules whose public names it shows
    "transfer": ["portrait_nst.transfer.functional", "portrait_nst.transfer.losses"],
    "instant": [
        "portrait_nst.instant",
        "portrait_nst.instant.files",
        "portrait_nst.instant.store",
        "portrait_nst.instant.learning",
    ],
    "video": ["portrait_nst.video"],
    "clips": ["portrait_nst.clips"],
    "live": ["portrait_nst.live"],
    "pop_art": ["portrait_nst.pop_art"],
    "batch": ["portrait_nst.batch"],
    "report": ["portrait_nst.report"],
}


def sections(text: str) -> dict[str, str]:
    """The text of a Markdown file under each of its headings of the second level; "" is what stands before them."""
    parts = re.split(r"^## (.+)$", re.sub(r"\A# .*\n", "", text), flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2]))}


def anchors(pages: dict[str, tuple[str, list[str]]], readme: dict[str, str]) -> dict[str, str]:
    """The page that holds each heading of README, by the heading's anchor."""
    found = {}
    for page, (_, names) in pages.items():
        for name in names:
            for heading in [name, *re.findall(r"^### (.+)$", readme[name], re.MULTILINE)]:
                found[slugify(heading, "-")] = page
    return found


def relinked(text: str, page: str, homes: dict[str, str]) -> str:
    """Markdown of the repository's root with links that hold on the site: to its pages, its pictures, or the repository."""
    up = "../" * page.count("/")

    def target(match: re.Match[str]) -> str:
        link = match[1]
        if link.startswith("#"):
            home = homes.get(link[1:])
            return match[0] if home in (None, page) else f"]({up}{home}{link})"
        if re.match(r"[a-z]+:", link):
            return match[0]
        if link.endswith((".jpg", ".png")):
            with mkdocs_gen_files.open(link, "wb") as file:
                file.write((ROOT / link).read_bytes())
            return f"]({up}{link})"
        pages = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
        return f"]({up}{pages[link]})" if link in pages else f"]({REPOSITORY}/{link})"

    return re.sub(r"\]\(([^)\s]+)\)", target, text)


def guide(page: str, title: str, names: list[str], readme: dict[str, str], homes: dict[str, str]) -> str:
    """A page of README's sections; a single one gives the page its title and its own headings rise by one level."""
    text = f"# {title}\n"
    for name in names:
        body = readme[name]
        single = len(names) == 1
        text += (
            re.sub(r"^###", "##", body, flags=re.MULTILINE) if single else (f"\n## {name}\n{body}" if name else body)
        )
    return relinked(text, page, homes)


def command_line() -> str:
    """What Typer's own generator says of all commands, as Markdown."""
    code = "import sys; from typer.cli import app; sys.argv[0] = 'typer'; app()"
    arguments = ["portrait_nst.cli.main", "utils", "docs", "--name", "portrait-nst", "--title", "Command line"]
    made = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return made.stdout


def settings_page() -> str:
    """All settings of painting, learning and pop art: what each takes, its default and its help, from the fields themselves."""
    from portrait_nst import settings
    from portrait_nst.instant.learning import LearnSettings
    from portrait_nst.pop_art import PopartSettings

    parts = {"Painting": settings.Settings, "Learning a network": LearnSettings, "Pop art": PopartSettings}
    text = "# Settings\n\nAn option of the command line has the name of its field, with hyphens for underscores.\n"
    for title, of in parts.items():
        body = re.sub(r"^\*\*(.+)\*\*$", r"### \1", settings.options_table(of), flags=re.MULTILINE)
        text += f"\n## {title}\n\n{inspect.cleandoc(of.__doc__ or '').splitlines()[0]}\n\n{body}"
    return text


def public_names(module: ModuleType) -> list[str]:
    """The full names, where they are defined, of what a module offers: its `__all__`, or what is defined in it."""
    names = getattr(module, "__all__", None)
    if names is None:
        names = [n for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__ and n[0] != "_"]
    found = []
    for name in names:
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            found.append(
                (FIRST.index(name) if name in FIRST else len(FIRST), f"{value.__module__}.{value.__qualname__}")
            )
    return [full for _, full in sorted(found, key=lambda entry: entry[0])]


def reference(title: str, modules: list[str]) -> str:
    """A page with the docstrings of the public names of `modules`, which mkdocstrings fills in."""
    lines = [f"# {title}"]
    for name in modules:
        module = importlib.import_module(name)
        summary, _, rest = inspect.cleandoc(module.__doc__ or "").partition("\n")
        lines += ["", f"## `{name}`", "", summary, rest] if len(modules) > 1 else ["", summary, rest]
        for full in public_names(module):
            lines += ["", f"::: {full}", "    options:", f"      heading_level: {3 if len(modules) > 1 else 2}"]
    return "\n".join(lines) + "\n"


def write(page: str, text: str) -> None:
    """Add a page to the site."""
    with mkdocs_gen_files.open(page, "w") as file:
        file.write(text)


def build() -> None:
    """Make all pages that are not written by hand."""
    sys.path[:0] = [str(ROOT), str(HERE)]
    import gallery

    readme = sections((ROOT / "README.md").read_text(encoding="utf-8"))
    homes = anchors({**GUIDES, "reference/python.md": PYTHON}, readme)
    for page, (title, names) in GUIDES.items():
        write(page, guide(page, title, names, readme, homes))
    python = guide("reference/python.md", *PYTHON, readme, homes)
    write("reference/python.md", python + reference("", ["portrait_nst"]).removeprefix("# \n"))
    for name, modules in ROOMS.items():
        write(f"reference/{name}.md", reference(f"portrait_nst.{name}", modules))
    write("reference/command-line.md", command_line())
    write("reference/settings.md", settings_page())
    write("gallery.md", gallery.page())
    for name in ("CONTRIBUTING", "CHANGELOG"):
        page = f"{name.lower()}.md"
        write(page, relinked((ROOT / f"{name}.md").read_text(encoding="utf-8"), page, homes))


build()
