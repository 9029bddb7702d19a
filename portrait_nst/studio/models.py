"""What goes in and out of the HTTP API. Names are those of `portrait_nst.stylize` and `popart`; ids are 16 hexadecimal digits."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from portrait_nst.studio.keeping.names import titled

ID = r"^[0-9a-f]{16}$"
Id = Annotated[str, StringConstraints(pattern=ID), Field(examples=["0123456789abcdef"])]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0.001, le=100)]
Title = Annotated[str, StringConstraints(max_length=200), AfterValidator(titled)]
MANY = 1_000  # photos of a batch at most


class Model(BaseModel):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StyleShare(Model):
    """A style and its share of a blend: the name of a style of the package, or the id of an uploaded one."""

    style: Word
    share: Share = 1.0


class MovementChoice(Model):
    """The paintings of an art movement instead of a style, from the library that the studio was started with."""

    name: Word
    pick: Literal["mean", "nearest"] = "mean"
    paintings: Annotated[int, Field(ge=1, le=1000)] | None = None


class VideoChoice(Model):
    """What of a clip is made, in seconds of the clip."""

    start: Annotated[float, Field(ge=0, le=1e6)] | None = None
    end: Annotated[float, Field(ge=0, le=1e6)] | None = None
    format: Literal["mp4", "webm", "gif"] = "mp4"


class DecidedModel(Model):
    """What keeps the faces of a composition. attempt: which of the divisions it is. tame: how far its colours were made tamer."""

    attempt: Annotated[int, Field(ge=0, le=3)] = 0
    tame: Annotated[float, Field(ge=0, le=1)] = 0.0


class Recipe(Model):
    """How to make a picture; what a job, a preview and a forecast have in common.

    kind:     stylize, popart (no style, no settings), or video (the photo is a clip's id).
    photo:    the id of an upload.
    mask:     the id of a mask of this photo; null for the one that is found (settings person, region).
    style:    one, or several with shares. movement: instead.
    preset:   one of `portrait_nst.presets`; settings change single ones of its settings.
    settings: fields of `Settings` by name. Where one takes a picture: a style's name, or the id of an upload.
    popart:   fields of `PopartSettings`; with kind stylize, the painting is turned into segments.
    palette_from: the id of an upload, or a style's name, whose colours the pop art takes.
    decided:  of a composition (`POST /api/popart`), with kind popart: that very picture is made. Without it faces are looked for.
    """

    kind: Literal["stylize", "popart", "video"] = "stylize"
    photo: Id
    mask: Id | None = None
    style: Annotated[list[StyleShare], Field(max_length=8)] = []
    movement: MovementChoice | None = None
    preset: Word | None = None
    settings: dict[str, Any] = {}
    popart: dict[str, Any] | None = None
    palette_from: Word | None = None
    video: VideoChoice | None = None
    decided: DecidedModel | None = None


class JobRequest(Recipe):
    """A job: a recipe, and what it is called in the history."""

    title: Title = ""


class BatchRequest(JobRequest):
    """The same recipe for many photos, each of which is painted once. `photo` may be left out; it is one of them."""

    photos: Annotated[list[Id], Field(min_length=1, max_length=MANY)]

    @model_validator(mode="before")
    @classmethod
    def _first(cls, given: Any) -> Any:
        """The photo of what is the same for all: the first, where none is named."""
        photos = given.get("photos") if isinstance(given, dict) else None
        return {"photo": photos[0], **given} if isinstance(photos, list) and photos else given


class PreviewRequest(Recipe):
    """A recipe that is painted small and at once; with `client`, a later request of the same client replaces one that waits."""

    longest: Annotated[int, Field(ge=64, le=1600)] = 512
    client: Annotated[str, StringConstraints(max_length=64)] = ""


class Person(Model):
    """Somebody in a photo. All places are fractions of its width and height.

    number:  from the left, from 1, as the setting `person` counts.
    box:     left, top, width, height of the face.
    outline: closed lines around the person: lists of [x, y].
    """

    number: int
    box: tuple[float, float, float, float]
    outline: list[list[tuple[float, float]]]


class ThingModel(Model):
    """An upload. For a clip width and height are those of its frames, seconds its length."""

    id: Id
    kind: Literal["photo", "style", "mask", "clip"]
    name: str
    width: int
    height: int
    made: float
    seconds: float = 0.0
    of: str = ""
    notes: list[str] = []


class StyleModel(Model):
    """A style. id: what a recipe calls it; a name, or the id of an upload. learned: whether a network paints it at once."""

    id: Word
    name: str
    title: str
    description: str = ""
    uploaded: bool = False
    learned: bool = False


class People(Model):
    """The people of a photo, and remarks on how they were found; without people, why nobody was found."""

    people: list[Person]
    notes: list[str] = []


class Forecast(Model):
    """seconds, and bytes of memory, that a painting is expected to take; longest: with a goal of likeness."""

    seconds: float
    memory: float | None = None
    longest: float = 0.0


class Progress(Model):
    """share: 0 to 1 of the work. preview: the number of the newest picture of `/api/jobs/{id}/preview`, 0 for none."""

    share: float = 0.0
    seconds_left: float | None = None
    preview: int = 0
    phase: str = ""
    note: str = ""


class Likeness(Model):
    """value: 0 to 1. words: what it means."""

    value: float
    words: str


class Result(Model):
    """What a job made.

    files: the forms in which `/api/jobs/{id}/result.{form}` gives it: png, jpg, svg, pdf, sheet.pdf, mp4, webm, gif.
    foretold: seconds that were forecast, before they were corrected by what jobs like it took; null if none were.
    """

    width: int
    height: int
    seconds: float
    files: list[str]
    likeness: Likeness | None = None
    interrupted: bool = False
    foretold: float | None = None
    notes: list[str] = []


class JobModel(Model):
    """A job. place: 0 for the one in work, 1 for the next; null when it is finished. starts_in: seconds, if known."""

    id: Id
    kind: Literal["stylize", "popart", "video"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    title: str
    request: JobRequest
    batch: str = ""
    place: int | None = None
    starts_in: float | None = None
    made: float
    began: float = 0.0
    ended: float = 0.0
    progress: Progress | None = None
    forecast: Forecast | None = None
    error: str = ""
    result: Result | None = None
    starred: bool = False


class BatchModel(Model):
    """A batch: its jobs, by state."""

    id: Id
    title: str
    made: float
    counts: dict[str, int]
    jobs: list[Id]


class PopartModel(Model):
    """A composition at `/api/popart/{id}.png` (also .svg, .pdf, sheet.pdf). colours: dark to light; ground: of the background.

    decided: what a job needs beside the recipe, so that it draws this very picture.
    """

    id: str
    width: int
    height: int
    colours: list[str]
    ground: str
    segments: int
    decided: DecidedModel
    notes: list[str] = []


class Problem(Model):
    """What went wrong, what was expected and what to do, in one line; and the setting that it is about, or ""."""

    error: str
    field: str = ""
