"""A `Stylizer` is loaded once and paints many pictures: it has an encoder and the style targets that paintings share."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portrait_nst.errors import InputError, ResourceError, WeightsError
from portrait_nst.pipeline import subject as subjects
from portrait_nst.pipeline.inputs import FOUND_WITH, Mask, Picture, check_type
from portrait_nst.pipeline.instant.painters import Painters
from portrait_nst.pipeline.instant.painting import InstantPainting
from portrait_nst.pipeline.instant.plan import InstantPlan, make_instant_plan
from portrait_nst.pipeline.paint_plan import PaintPlan, make_paint_plan
from portrait_nst.pipeline.painting import Painting
from portrait_nst.pipeline.run import Run, Work
from portrait_nst.pipeline.styles import LabelStyles, Style
from portrait_nst.pipeline.subject import Subject
from portrait_nst.presets import settings_of
from portrait_nst.settings import Settings

if TYPE_CHECKING:
    from portrait_nst.encoders import Encoder
    from portrait_nst.transfer import TargetStore

BUSY = (
    "This Stylizer is painting in another thread. Give each thread a Stylizer of its own; "
    "Stylizer(network=other.network) shares what is loaded."
)


class Stylizer:
    """Paints pictures with one encoder.

    stylizer = Stylizer()
    subject = stylizer.prepare("me.jpg")
    for style in ("impasto", "starry.png"):
        plan = stylizer.plan(subject, style, strength=0.7)
        stylizer.paint(plan).result().save(f"me-{style}.png")

    Nothing is loaded before it is needed. Paintings share the encoder and the statistics of their styles. One thread at a time
    may plan and paint; another one gets a ResourceError at once. `prepare` may be called from any thread.

    memory: gigabytes (1e9 bytes), as in `Settings.max_memory`, that a painting may take if its settings allow more or have no
            limit; None for the free memory.
    """

    def __init__(
        self,
        encoder: str = Settings.encoder,
        weights: str | Path | None = None,
        *,
        pooling: str = Settings.pooling,
        device: str = Settings.device,
        memory: float | None = None,
        store: TargetStore | str | Path | None = None,
        network: Encoder | None = None,
        weights_sha256: str = "",
        networks_sha256: Sequence[str] = (),
        painters: Painters | None = None,
    ) -> None:
        """`encoder`, `weights`, `pooling` and `device` are those of `Settings`.

        store:   where style targets are stored: a folder that other processes may share, a `TargetStore`, or None for this
                 object's memory.
        network: the encoder, if it is loaded already.
        weights_sha256: the hash that the weights must have, 64 hexadecimal digits; otherwise loading them raises WeightsError.
                 "" for any.
        networks_sha256: for quality instant, the digests that the networks of the painted regions must have, as a recipe names
                 them; otherwise `plan` raises InputError. Empty for any.
        painters: networks that are ready to paint with quality instant, if other Stylizers are to share them.

        Raises InputError for a wrong value.
        """
        number = isinstance(memory, (int, float)) and not isinstance(memory, bool)
        if memory is not None and not (number and 0 < memory < float("inf")):
            raise InputError(f"memory must be a number of gigabytes over 0, such as 4, or None, not {memory!r}.")
        if not isinstance(weights_sha256, str) or not re.fullmatch("([0-9a-f]{64})?", weights_sha256):
            raise InputError(f"weights_sha256 must be 64 hexadecimal digits, or '' for any, not {weights_sha256!r}.")
        if network is not None and encoder == Settings.encoder:
            encoder = network.name
        self.memory, self.painters, self._networks = memory, painters or Painters(), tuple(networks_sha256)
        self._loaded: dict[str, Any] = {
            "encoder": encoder,
            "weights": None if weights is None else str(weights),
            "pooling": pooling,
            "device": device,
        }
        Settings(**self._loaded)  # raises InputError for a wrong value
        self._store, self._network, self._sha256 = _checked_store(store), network, weights_sha256
        self._guard, self._owner, self._uses = threading.Lock(), 0, 0

    @classmethod
    def of(cls, settings: Settings, **loaded: Any) -> Stylizer:
        """A Stylizer for the encoder and the device that `settings` name; `loaded` are further arguments of `Stylizer`."""
        named = {name: getattr(settings, name) for name in ("encoder", "weights", "pooling", "device")}
        return cls(**named, **loaded)

    @property
    def network(self) -> Encoder:
        """The encoder, loaded at its first use. Raises InputError, ModelError or WeightsError."""
        if self._network is None:
            from portrait_nst import encoders

            loaded = self._loaded
            self._network = encoders.get(loaded["encoder"], loaded["weights"], pooling=loaded["pooling"])
        if self._sha256 and self._network.sha256 != self._sha256:
            raise WeightsError(
                f"The weights of the encoder {self._loaded['encoder']} have the sha256 {self._network.sha256[:12]}..., and "
                f"weights_sha256 asks for {self._sha256[:12]}...; give other weights, or leave weights_sha256 out."
            )
        return self._network

    @property
    def store(self) -> TargetStore:
        """The store of style targets, which paintings share."""
        from portrait_nst.transfer import TargetStore

        if not isinstance(self._store, TargetStore):
            self._store = TargetStore(self._store)
        return self._store

    def prepare(
        self,
        photo: Picture,
        *,
        mask: Mask | None = None,
        region: str = Settings.region,
        person: str | int = Settings.person,
        segmenter: str = Settings.segmenter,
        labels: Picture | None = None,
        painted_labels: Sequence[str | int] = (),
    ) -> Subject:
        """The photo, its painted region and its faces, for one or many paintings; see `portrait_nst.prepare`."""
        return subjects.prepare(
            photo,
            mask=mask,
            region=region,
            person=person,
            segmenter=segmenter,
            labels=labels,
            painted_labels=painted_labels,
        )

    def plan(
        self,
        subject: Subject,
        style: Style | LabelStyles,
        settings: Settings | None = None,
        *,
        preset: str | None = None,
        **changes: Any,
    ) -> PaintPlan | InstantPlan:
        """The plan for painting `subject` in `style`: everything that is decided before the first step.

        With quality instant it is an `InstantPlan`, for learned networks; with the setting `learn` they are learned here.

        style:    a picture in any form that `load` takes, or the name of a style in the package; a list of these, or of
                  (picture, weight), for a blend; for a subject with a label map, {label: one of these}.
        preset:   instead of settings, one of `portrait_nst.presets.PRESETS`, whose settings are taken.
        settings: how to paint; keyword arguments, named as the fields of `Settings`, change single ones. The encoder, weights,
                  pooling and device of this object, and the region, person and segmenter of the subject, may be left out.

        Raises InputError if settings contradict these, and for files that cannot be read; MaskError, ModelError, and
        ResourceError if memory is too short.
        """
        check_type(subject, Subject, "subject", "a Subject, which prepare(photo) makes")
        settings = chosen_settings(preset, settings, changes)
        settings = _agreeing(settings, self._loaded, "this Stylizer has", "Stylizer.of(settings)")
        if subject.matte.region is not None:
            found = {name: getattr(subject.matte, name) for name in FOUND_WITH}
            instead = "prepare(photo, region=, person=, segmenter=)"
            settings = _agreeing(settings, found, "the subject was prepared with", instead)
        memory = None if self.memory is None else self.memory * 1e9
        with self._alone():
            if settings.instant:
                return make_instant_plan(
                    subject, style, settings, lambda: self.network, memory, self.painters, self._networks
                )
            return make_paint_plan(subject, style, settings, lambda: self.network, memory)

    def paint(self, plan: PaintPlan | InstantPlan, *, since: float | None = None) -> Run:
        """The run that paints `plan`: iterate over its `Step`s, of which quality instant has none, then call its `result()`.

        since: the `time.monotonic()` from which seconds are counted; by default now.
        Raises InputError for a plan of another encoder.
        """
        if not isinstance(plan, InstantPlan):
            check_type(plan, PaintPlan, "plan", "a PaintPlan, which plan(subject, style) makes")
        if plan.weights_sha256 != self.network.sha256:
            raise InputError("The plan was made with another encoder; plan and paint with the same Stylizer.")
        work: Work
        if isinstance(plan, InstantPlan):
            work = InstantPainting(plan, self.network, self.painters)
        else:
            work = Painting(plan, self.network, self.store)
        return Run(work, plan.notes, alone=self._alone, since=since)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A context for one thread at a time. Raises ResourceError in another thread."""
        me = threading.get_ident()
        with self._guard:
            if self._uses and self._owner != me:
                raise ResourceError(BUSY)
            self._owner, self._uses = me, self._uses + 1
        try:
            yield
        finally:
            with self._guard:
                self._uses -= 1


def chosen_settings(preset: str | None, settings: Settings | None, changes: Mapping[str, Any]) -> Settings:
    """The `settings`, or those of `preset`, or the defaults, with `changes`. Raises InputError, also if both are given."""
    if settings is None:
        return settings_of(preset, **changes)
    check_type(settings, Settings, "settings", "a Settings (single settings are keyword arguments)")
    if preset is not None:
        raise InputError(
            "Give settings or a preset, not both; presets.settings_of(preset, size=96) makes settings of a preset."
        )
    return settings.replace(**changes)


def _checked_store(store: object) -> TargetStore | Path | None:
    if isinstance(store, (str, Path)):
        return Path(store)
    if store is None:
        return None
    from portrait_nst.transfer import TargetStore

    check_type(store, TargetStore, "store", "a folder, a TargetStore or None")
    assert isinstance(store, TargetStore)
    return store


def _agreeing(settings: Settings, known: Mapping[str, Any], where: str, instead: str) -> Settings:
    """`settings` with the `known` values. Raises InputError for a setting that has another value and is not the default."""
    usual = Settings()
    for name, value in known.items():
        given = getattr(settings, name)
        if given not in (value, getattr(usual, name)):
            raise InputError(
                f"The settings say {name} {given!r}, and {where} {value!r}; use {instead}, or leave it out."
            )
    return settings.replace(**known)
