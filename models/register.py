"""Write the size and sha256 of the files named in ``models.json`` into it; run after replacing a model.

python models/register.py
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

folder = Path(__file__).resolve().parent
register = json.loads((folder / "models.json").read_text())
for name, entry in register.items():
    data = (folder / name).read_bytes()
    entry.update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
(folder / "models.json").write_text(json.dumps(register, indent=2) + "\n")
