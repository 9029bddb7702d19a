"""Paint the golden pictures anew."""

from __future__ import annotations

from PIL import Image

from tests.golden.pictures import HERE, PICTURES, distance, golden

for name, paint in PICTURES.items():
    path, made = HERE / f"{name}.png", paint()
    said = f"{distance(made, golden(name))} from before" if path.is_file() else "new"
    Image.fromarray(made).save(path, optimize=True)
    print(f"{name}: {said}")
