"""A run that was broken off, as a file of plain numbers, so that it goes on where it was."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import numpy as np
import torch

from portrait_nst import imaging
from portrait_nst.errors import ResourceError
from portrait_nst.instant.learning.learner import Learner

MOMENTS = ("exp_avg", "exp_avg_sq")  # of Adam


def save(path: Path, learner: Learner, seconds: float, fingerprint: str) -> bool:
    """Write the state of a `learner` after `seconds`, whole or not at all; whether that was possible."""
    arrays = {"about": np.array(json.dumps([fingerprint, learner.step, seconds, learner.losses]))}
    for i, (weight, average) in enumerate(zip(learner.weights, learner.averages)):
        arrays[f"weight{i}"], arrays[f"average{i}"] = weight.detach().cpu().numpy(), average.cpu().numpy()
        state = learner.optimizer.state.get(weight, {})
        for name in MOMENTS:
            if name in state:
                arrays[f"{name}{i}"] = state[name].cpu().numpy()
    arrays["updates"] = np.array(_updates(learner))
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        imaging.write_atomic(path, buffer.getvalue(), overwrite=True)
    except (OSError, ResourceError):
        return False
    return True


def restore(path: Path, learner: Learner, fingerprint: str) -> float | None:
    """Bring a `learner` to the state in the file `path`; the seconds that it had taken.

    None, with the learner as it was, where there is no such file, or it is damaged or of another run.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        whose, step, seconds, losses = json.loads(str(arrays["about"]))
        if whose != fingerprint:
            return None
        tensors = {name: torch.from_numpy(a) for name, a in arrays.items() if a.dtype == np.float32}
        for i, weight in enumerate(learner.weights):
            for name in ("weight", "average"):
                if tensors[f"{name}{i}"].shape != weight.shape:
                    return None
        updates = float(arrays["updates"])
        moments = [
            {name: tensors[f"{name}{i}"] for name in MOMENTS} for i in range(len(learner.weights) if updates else 0)
        ]
    except Exception:  # missing, cut short, or another program's: zipfile, numpy and json raise a dozen kinds
        return None
    with torch.no_grad():
        for i, (weight, average) in enumerate(zip(learner.weights, learner.averages)):
            weight.copy_(tensors[f"weight{i}"])
            average.copy_(tensors[f"average{i}"])
    for weight, state in zip(learner.weights, moments):
        learner.optimizer.state[weight] = {
            "step": torch.tensor(updates, device=weight.device if weight.is_cuda else "cpu"),
            **{name: torch.empty_like(weight).copy_(value) for name, value in state.items()},
        }
    learner.step, learner.losses = int(step), dict(losses)
    return float(seconds)


def forget(path: Path) -> None:
    """Remove the file, if it is there."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _updates(learner: Learner) -> float:
    """How often Adam has moved the weights; steps that were skipped do not count."""
    state = learner.optimizer.state.get(learner.weights[0], {})
    return float(state["step"]) if "step" in state else 0.0
