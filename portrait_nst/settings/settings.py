"""Every setting of a painting, with its default, which is written down nowhere else.

The command line, batches, comparisons, the Python functions and the documentation read their defaults, ranges and texts here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from portrait_nst.errors import InputError
from portrait_nst.qualities import INSTANT, QUALITIES, Quality
from portrait_nst.settings.base import Described
from portrait_nst.settings.devices import Device
from portrait_nst.settings.field import schema
from portrait_nst.settings.files import style_fields
from portrait_nst.settings.markers import File, Help, HexColour, Panel, Range, Unit
from portrait_nst.settings.segmenters import Segmenter
from portrait_nst.settings.together import published, refusal

MIN_SIZE, MAX_SIZE = 64, 20_000
LOOK, REGION, EXPERT, MACHINE = Panel
_SHARE = Range(0.0, 1.0)
_Layers = Annotated[tuple[str, ...], Unit("layer names"), Help("Layer, or layer:weight; repeat."), EXPERT]
_Weight = Annotated[float | None, Range(0.0, 1e12), Help("Instead of what --strength gives."), EXPERT]
# Settings that older recipes lack, with the values that stand for what was painted then.
_BEFORE: dict[str, Any] = {"method": "gram", "brushwork": 0.0}


@dataclass(frozen=True)
class Settings(Described):
    """How to paint. Immutable; `hash()` names the settings whatever the order they were given in.

    Each field says what it takes and does; `portrait_nst.settings.describe(Settings)` lists that. None stands for what the
    encoder, the method, the quality or the machine has. Raises InputError, in a line, for what is not allowed.
    """

    method: Annotated[
        Literal["auto", "painterly", "gram"],
        Help(
            "painterly: nearest strokes; gram: statistics of texture alone; auto: painterly, as far as goes.",
            "painterly draws each place to the strokes of the style that are nearest to it (Kolkin et al. 2022), with Gram "
            "matrices as partners; gram has these alone (Gatys et al. 2015); auto is gram for losses as published.",
        ),
        LOOK,
    ] = "auto"
    quality: Annotated[
        Literal["instant", "draft", "standard", "fine"],
        Help(
            "instant, draft, standard or fine.",
            "instant: a network that `portrait-nst learn` learned paints, in seconds. Others: size, scales, steps, if not given.",
        ),
        LOOK,
    ] = "standard"
    learn: Annotated[
        bool, Help("With --quality instant: learn the painting first, unless it is learned (three minutes)."), LOOK
    ] = False
    strength: Annotated[float, _SHARE, Help("0: the photo, 1: all style."), LOOK] = 0.5
    size: Annotated[
        int | Literal["full"] | None,
        Range(MIN_SIZE, MAX_SIZE),
        Unit("pixels"),
        Help("Longest painted side in pixels, or full; the output is always the photo's size."),
        LOOK,
    ] = None
    scales: Annotated[
        tuple[float, ...],
        Range(0.01, 1.0),
        Unit("fractions of the size"),
        Help("Painted sizes as fractions of --size, coarse to fine; repeat.", "The last is 1."),
        EXPERT,
    ] = ()
    encoder: Annotated[str, Help("embedded, vgg19, resnet50 ...: see `portrait-nst layers`."), EXPERT] = "embedded"
    weights: Annotated[str | None, File(), Help("A file with the encoder's weights (.pth, .pt, .npz)."), EXPERT] = None
    person: Annotated[
        Literal["all", "largest"] | int,
        Range(1),
        Help("Which person: all, largest, or a number from the left."),
        REGION,
    ] = "all"
    region: Annotated[Literal["person", "all"], Help("person, or all: the whole picture."), REGION] = "person"
    segmenter: Annotated[
        Segmenter,
        Help(
            "Who finds the person: mediapipe, or rembg:MODEL, such as rembg:u2net.",
            "The rembg library (`pip install 'portrait-nst[rembg]'`) fetches its models, which have licences of their own.",
        ),
        REGION,
    ] = "mediapipe"
    background: Annotated[
        Literal["keep", "blur", "transparent"] | str,
        HexColour(),
        File(style=True),
        Help("keep, blur, transparent, '#rrggbb', or a style of its own: a picture or a name."),
        LOOK,
    ] = "keep"
    style_region: Annotated[
        Literal["whole", "person"] | str,
        File(),
        Help("whole painting, its sitter (person), or a mask for it (FILE)."),
        LOOK,
    ] = "whole"
    style_scale: Annotated[
        float, Range(0.1, 10.0), Help("Over 1 for broader strokes, under 1 for finer ones."), LOOK
    ] = 1.0
    guidance: Annotated[Literal["soft", "inside", "all"], Help("soft, inside or all."), EXPERT] = "soft"
    guidance_offset: Annotated[
        int,
        Range(-50, 50),
        Unit("feature cells"),
        Help("Grow (> 0) or shrink (< 0) the guidance by feature cells."),
        EXPERT,
    ] = 0
    coarse_style: Annotated[
        str | None,
        File(style=True),
        Help(
            "A second style, FILE or name, for the coarse structure; STYLE gives the fine texture.",
            "Gatys et al. 2017, section 6.",
        ),
        LOOK,
    ] = None
    colours: Annotated[
        Literal["style", "luminance", "pca", "cholesky"],
        Help(
            "style, or the photo's own: luminance, pca or cholesky.",
            "luminance paints lightness only; pca and cholesky first move the style to the photo's colours by an affine map of "
            "that kind (Gatys et al. 2017, section 5).",
        ),
        LOOK,
    ] = "style"
    optimizer: Annotated[
        Literal["lbfgs", "adam", "nadam", "rmsprop", "sgd"], Help("lbfgs, adam, nadam, rmsprop or sgd."), EXPERT
    ] = "lbfgs"
    learning_rate: Annotated[
        float | None, Range(1e-9, 1e9), Help("Of all but lbfgs; default: the optimiser's own."), EXPERT
    ] = None
    decay: Annotated[
        Literal["cosine", "exponential", "constant"],
        Help(
            "Of the learning rate: cosine, exponential or constant.",
            "Over the steps of a scale: cosine falls to a tenth at the end, exponential by decay-rate every decay-steps steps.",
        ),
        EXPERT,
    ] = "cosine"
    decay_rate: Annotated[
        float, Range(1e-3, 1.0), Help("Exponential decay: the factor after every --decay-steps."), EXPERT
    ] = 0.96
    decay_steps: Annotated[
        int,
        Range(1, 100_000),
        Unit("steps"),
        Help("Steps after which an exponential decay has made its factor."),
        EXPERT,
    ] = 100
    iterations: Annotated[
        int | None,
        Range(1, 100_000),
        Unit("steps"),
        Help("Exactly so many steps at each scale, of each window of a large one."),
        EXPERT,
    ] = None
    init: Annotated[
        Literal["content", "statistics", "random"] | str,
        File(),
        Help(
            "content, statistics, random, or a picture to start from.",
            "statistics is the photo in the style's colours.",
        ),
        EXPERT,
    ] = "content"
    canvas: Annotated[
        Literal["pyramid", "pixels"], Help("What is optimised: pyramid coefficients, or plain pixels."), EXPERT
    ] = "pyramid"
    values: Annotated[
        Literal["unit", "byte"],
        Help(
            "Of the canvas and in the losses: unit (0 to 1) or byte (0 to 255).",
            "Published weights and learning rates often suppose byte.",
        ),
        EXPERT,
    ] = "unit"
    normalisation: Annotated[
        Literal["relative", "gatys2015", "gatys2016", "chollet", "half"],
        Help(
            "Of the losses: relative, gatys2015, gatys2016, chollet or half.",
            "relative is ours; the others are exactly as published.",
        ),
        EXPERT,
    ] = "relative"
    style_loss: Annotated[
        Literal["gram", "wasserstein"],
        Help("gram or wasserstein.", "wasserstein: W2 between Gaussians of the features' mean and covariance."),
        EXPERT,
    ] = "gram"
    style_layers: _Layers = ()
    content_layers: _Layers = ()
    style_weight: _Weight = None
    content_weight: _Weight = None
    tv_weight: Annotated[float | None, Range(0.0, 1e12), Help("Of total variation."), EXPERT] = None
    tv_exponent: Annotated[float, Range(0.5, 4.0), Help("2: squared differences; 1.25: Chollet's."), EXPERT] = 2.0
    recolour: Annotated[
        float,
        _SHARE,
        Help(
            "0: the photo's colours are part of its content; 1: the palette is all the style's.",
            "How far the photo is moved to the style's palette before it serves as content. At 0 content and style contend for "
            "the colours, and what the content wins (faces, mostly) stays unpainted.",
        ),
        LOOK,
    ] = 1.0
    brushwork: Annotated[
        float,
        _SHARE,
        Help(
            "How much of the finest detail is the style's own paint; 0: none.",
            "Patch by patch; only method painterly has it.",
        ),
        LOOK,
    ] = 1.0
    face_hold: Annotated[
        float | None,
        Range(0.0, 1000.0),
        Help("How much more firmly faces are kept; 0: like the rest; default: the method's.", "Eyes and mouth most."),
        LOOK,
    ] = None
    likeness: Annotated[
        float,
        _SHARE,
        Help(
            "0 to 1: how alike faces must stay; they are held more firmly until they are.",
            "1 is the photo itself; another photo of the same person has 0.65 to 0.8; at 0.5 it could be somebody else. Try 0.7.",
        ),
        LOOK,
    ] = 0.0
    gain_maps: Annotated[
        bool,
        Help(
            "Remodel the face after the painting's sitter.",
            "The sitter is warped onto the face; the sitter's local contrast remodels the face's content (Selim et al. 2016).",
        ),
        LOOK,
    ] = False
    identity_weights: Annotated[
        str | None,
        File(),
        Help("A face-recognition network's weights, for an identity loss.", "VGG-Face or VGGFace2."),
        EXPERT,
    ] = None
    levels: Annotated[int | None, Range(1, 8), Help("Levels of the image pyramid in the style loss."), EXPERT] = None
    pooling: Annotated[
        Literal["average", "max"], Help("average or max, for the VGG networks.", "And for AlexNet."), EXPERT
    ] = "average"
    seed: Annotated[int, Range(0, 2**63 - 1), Help("Of everything random."), EXPERT] = 0
    device: Device = "auto"
    precision: Annotated[Literal["auto", "float32", "bfloat16"], Help("auto, float32 or bfloat16."), MACHINE] = "auto"
    threads: Annotated[int | None, Range(1, 1024), Help("CPU threads; default: all."), MACHINE] = None
    max_memory: Annotated[
        float | None,
        Range(0.1, 100_000.0),
        Unit("gigabytes"),
        Help("GB it may take; larger is painted in parts, or smaller. Default: what is free."),
        MACHINE,
    ] = None

    def __post_init__(self) -> None:
        """Check every field by itself, then those that go together."""
        if isinstance(self.person, str) and self.person.strip().lstrip("+").isdecimal():
            object.__setattr__(self, "person", int(self.person))
        super().__post_init__()
        if reason := refusal(self):
            raise InputError(reason)

    @property
    def painterly(self) -> bool:
        """Whether the painting is drawn to nearest features of the style, rather than to Gram matrices alone."""
        return self.method == "painterly" or (self.method == "auto" and not published(self))

    @property
    def instant(self) -> bool:
        """Whether a network paints at once, instead of the engine step by step."""
        return self.quality == "instant"

    @property
    def preset_of_quality(self) -> Quality:
        """The size, scales and steps that `quality` stands for with this method."""
        return INSTANT if self.instant else QUALITIES["painterly" if self.painterly else "gram"][self.quality]

    @classmethod
    def from_recipe(cls, values: Mapping[str, Any]) -> Self:
        """The settings in a picture's recipe, those an older version lacked as it painted. Raises InputError."""
        return cls.from_dict({**_BEFORE, **values})


STYLES = style_fields(Settings)
"""The settings that may be a style picture, or the name of one."""

INITS = schema(Settings)["init"].choices
"""The engine's own ways to begin a painting."""
