"""What the engine asks of the C library's memory."""

import subprocess
import sys

CODE = """
from portrait_nst.transfer.memory import keep_freed_memory
print(keep_freed_memory(), keep_freed_memory())
import torch
for _ in range(3):
    assert torch.full((1 << 22,), 3.0).sum() == 3 << 22
"""


def test_freed_memory_is_kept_where_glibc_is_and_nothing_breaks_elsewhere():
    found = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert found.stdout.split() in (["True", "True"], ["False", "False"])
