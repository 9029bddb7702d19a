"""The API keeps to its own description, whatever is sent; and the description tells what there is.

A longer run: `SCHEMATHESIS_EXAMPLES=300 pytest -n0 tests/studio/api/test_openapi.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import ASGIApp

from portrait_nst.errors import InputError
from portrait_nst.pop_art.settings import PopartSettings
from portrait_nst.settings import Settings
from portrait_nst.settings import schema as fields_of
from portrait_nst.studio.api.app import make_app
from portrait_nst.studio.events import Events
from portrait_nst.studio.keeping.keeping import Keeping
from portrait_nst.studio.options import Options
from portrait_nst.studio.painter.queue import Queue
from portrait_nst.studio.painter.words import REFUSED
from portrait_nst.studio.security.stack import guarded
from portrait_nst.studio.studio import Studio
from tests.studio.asgi import ask

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "5"))
# All checks of Schemathesis but that everything which fits the schema is taken: settings that do not go together, for example,
# and bytes that are no picture are refused with 422.
UNHEARD = ("/api/events", "/api/live")  # streams, which do not end


class NoDesk:
    """Refuses every picture."""

    def call(self, function: str, /, **values: Any) -> Any:
        raise InputError("This is no picture.")

    def latest(self, client: str, function: str, /, **values: Any) -> Any:
        raise InputError("This is no picture.")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    options = Options(folder=tmp_path_factory.mktemp("studio"))
    with Keeping.open(options.home, options.quota) as keeping:
        events = Events()
        queue = Queue(keeping, events, options)  # which is not started, so that nothing is painted
        yield guarded(make_app(Studio(options, keeping, NoDesk(), queue, events)), options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def described(app: ASGIApp) -> dict[str, Any]:
    found: dict[str, Any] = ask(app, "/api/openapi.json").json
    return found


@pytest.fixture(scope="module")
def api(app: ASGIApp) -> Any:
    return schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={"Host": "localhost"})


def operations() -> list[str]:
    """Every method and path, as "GET /api/about"."""
    nothing: Any = None
    found = make_app(Studio(Options(), nothing, nothing, nothing, nothing)).openapi()["paths"]
    return [f"{method.upper()} {path}" for path, methods in found.items() for method in methods if path not in UNHEARD]


@pytest.mark.parametrize("operation", operations())
def test_answers_are_as_described(operation: str, api: Any) -> None:
    method, path = operation.split()

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=api[path][method].as_strategy())
    def holds(case: Any) -> None:
        case.call_and_validate(headers={"Host": "localhost"}, excluded_checks=[positive_data_acceptance])

    holds()


def test_every_route_says_what_it_does_and_how_it_fails(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary") and operation.get("tags"), (method, path)
            for status in ("403", "413", "422", "429", "500"):
                content = operation["responses"][status]["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}, (method, path, status)
            good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            assert good and all(answer.get("description") for answer in good), (method, path)
            for answer in good:
                for kind, content in answer.get("content", {}).items():
                    assert kind != "application/json" or content["schema"], (method, path)


def test_names_of_operations_are_their_own(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for methods in described["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_settings_are_described_with_ranges_choices_and_help(described: dict[str, Any]) -> None:
    models = described["components"]["schemas"]
    painting, pop_art = models["PaintingSettings"]["properties"], models["PopartSettings"]["properties"]
    assert set(painting) == set(fields_of(Settings)) - set(REFUSED)
    assert set(pop_art) == set(fields_of(PopartSettings))
    assert painting["strength"]["minimum"] == 0 and painting["strength"]["maximum"] == 1
    assert painting["quality"]["enum"] == ["instant", "draft", "standard", "fine"]
    assert all(entry["description"] for entry in (*painting.values(), *pop_art.values()))
    assert pop_art["tones"] | {"default": 5, "minimum": 3, "maximum": 8} == pop_art["tones"]


def test_nothing_of_the_machine_can_be_set(described: dict[str, Any]) -> None:
    painting = described["components"]["schemas"]["PaintingSettings"]
    assert painting["additionalProperties"] is False
    assert not {"weights", "identity_weights", "device", "threads", "max_memory"} & set(painting["properties"])


def test_the_docs_page_loads_nothing_from_elsewhere(app: ASGIApp) -> None:
    from portrait_nst.studio.api.routes.docs import FILES

    page = ask(app, "/api/docs")
    assert page.status == 200 and b"http://" not in page.body and b"https://" not in page.body
    names = [part.split(b'"')[0].decode() for part in page.body.split(b'="/api/docs/files/')[1:]]
    assert len(names) == 4 and all((FILES / name).is_file() for name in names)
    assert (FILES / "swagger-ui" / "LICENSE").is_file() and (FILES / "swagger-ui" / "NOTICE").is_file()
    assert "http" not in Path(FILES / "docs.js").read_text()


def test_the_description_says_how_the_token_is_brought_and_a_batch_needs_no_photo(client: Client) -> None:
    found = client.get("/api/openapi.json").json
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer" and {"token": []} in found["security"]
    assert {"400", "401", "405", "415"} <= set(found["paths"]["/api/about"]["get"]["responses"])
    assert "photos" in found["components"]["schemas"]["BatchRequest"]["required"]
    assert "photo" not in found["components"]["schemas"]["BatchRequest"]["required"]
