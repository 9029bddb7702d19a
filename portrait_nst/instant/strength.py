"""What the strength of a place means for a learned network, from 0, the photo itself, to 1, all that the network has.

Features are moved to the painting's by a share of it; and as a decoder alone does not give back the photo, near 0 the painting is
cross-faded with the photo.
"""

from __future__ import annotations

FADED = (
    0.75  # the strength from which on nothing of the photo's pixels is left: from there the distance to it rises evenly
)
LEAST_SHARE = 0.2  # how far features are moved at a strength of almost 0: less is lost in what the decoder changes
