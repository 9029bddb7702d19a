"""The HTML templates of this folder. Only this file uses Jinja."""

from __future__ import annotations

from importlib import resources
from typing import Any


def render_template(name: str, **values: Any) -> str:
    """The HTML of the template `name` in this folder; all text among `values` is escaped, and none may be missing."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(resources.files(__package__).joinpath(name).read_text("utf-8"))
    return template.render(values)
