"""Write the size and sha256 of the models into their registers; run after replacing a model or adding a learned network.

python models/register.py

``models.json`` names its files itself. ``instant/networks.json`` gets every learned network in that folder, with the sha256 of
the style picture of the same name that it was learned for.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

folder = Path(__file__).resolve().parent


def measured(path: Path) -> dict[str, str | int]:
    """The sha256 and the size of a file."""
    data = path.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


register = json.loads((folder / "models.json").read_text())
for name, entry in register.items():
    entry.update(measured(folder / name))
(folder / "models.json").write_text(json.dumps(register, indent=2) + "\n")

networks = {}
for network in sorted((folder / "instant").glob("*.safetensors")):
    networks[network.name] = measured(network)
    picture = folder.parent / "samples" / "styles" / f"{network.stem}.png"
    if picture.is_file():
        networks[network.name]["picture"] = hashlib.sha256(picture.read_bytes()).hexdigest()
(folder / "instant" / "networks.json").write_text(json.dumps(networks, indent=2) + "\n")
