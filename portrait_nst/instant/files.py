"""Learned networks as files: safetensors, which hold numbers and text and never code.

Weights are float16, or int8 with a scale for each output channel (*compact*: half as large); covariances are float32 upper
triangles. What the file is about stands in its metadata, as JSON under the key ``portrait_nst``.
"""

from __future__ import annotations
