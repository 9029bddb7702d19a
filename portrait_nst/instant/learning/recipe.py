"""Every number of the recipe by which a network is learned, each with its reason.

Tuned on portraits in paintings that are not among those it was judged by. Distances are in pixels, colours in [0, 1].
"""

from __future__ import annotations

VERSION = 1  # of the recipe: a run that was broken off goes on only by the recipe that it began with

# What is learned on.
BATCH = 4  # crops of a step; the covariances of fewer say too little of a painting
CROP = 128  # pixels a side: half the cost of a step of 180, and still whole faces at the least scale
BLOCK = 8  # steps that are prepared at once, which takes the encoder less than eight times one
SCALES = (0.8, 1.6)  # of a square of 256 pixels: a crop shows a face as large as a frame of 320 to 1024 pixels does
FACES = 0.5  # share of the crops that show a face
GRAIN = 0.045  # deviation of the noise over the photo; less leaves flats empty, more shows where nothing is painted

# Adam (Kingma & Ba 2015), as fast as it goes without breaking strokes apart.
RATE = 2e-3
BETAS = (0.9, 0.99)
WARM = 10  # steps over which the rate rises: the first moments are of one crop
STEADY = 0.5  # share of the run before the rate falls, in a line
LAST = 0.03  # the rate at the end, as a fraction of the first
CLIP = 1.0  # greatest norm of a gradient: a crop in darkness has one of hundreds
AVERAGED = 0.99  # weights are averaged over about a hundred steps, which ends their trembling
BEARABLE = 8  # steps in a row whose loss is not finite before a run is given up

# The painting.
COVARIANCE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu3_4")
COLUMN_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu3_2", "relu3_4")
SCALED = 2  # levels at which the painting is compared, x1 and x1/2: strokes and what they are part of
COVARIANCE = 1.5  # more, and a dark coat becomes light where a painting has little darkness
TOGETHER = (
    0.7  # of the covariance loss is of the batch as one picture, the rest of each crop: not every crop has every colour
)
NEAREST = 12.0  # more, and a print of flats and lines takes the place of tones
BOOK = 6000  # cells of a painting and its turns to choose from; twice as many paint no better
QUESTIONS = 1024  # cells that ask, a level: a quarter of the crops' cells
WIDTH = 64  # principal directions in which a layer is compared
PHOTO = 0.3  # share of the photo in the question; by the output alone a network collapses into dark flats
LEAST = 0.05  # least deviation of a channel, as a fraction of the mean one of its layer: silent channels do not shout
FLAT = 0.01  # the same, as a fraction of the size of the layer's features, for paintings of one colour

# The photo.
CONTENT = 0.12
DEEP = 0.5  # of relu3_2 without its mean, beside 1 of the mapped relu3_1: places and edges, not tones
FACE_CONTENT = (
    3.0  # content at x1 where faces are, in units of CONTENT; elsewhere it is held at x1/2 alone, for strokes' sake
)
FACE_CALM = 1.0  # how much less the nearest strokes count in a face: their share is 1 / (1 + it * face map)
FACE_TONE = 60.0  # tones over 8 pixels in faces, so that no shadow becomes a beard

# What a clip needs, and a picture.
SHIFT = 200.0  # a photo moved by 0 to 3 pixels, with noise, is painted moved: a fifth of the trembling of a pan
SHIFT_MOST = 3  # pixels; relu3_1 has cells of 4
NOISE = 4 / 255  # greatest deviation of that noise, as a camera's in the evening
OUTSIDE = 10.0  # colours beyond [0, 1], which would be cut off


def rate(step: int, part: float) -> float:
    """Adam's rate at the `step` (from 0) of a run of which `part` in [0, 1] is over.

    >>> [round(rate(step, part), 6) for step, part in ((0, 0.0), (9, 0.1), (50, 0.5), (75, 0.75), (100, 1.0))]
    [0.0002, 0.002, 0.002, 0.00103, 6e-05]
    """
    falling = max(0.0, min(1.0, part) - STEADY) / (1 - STEADY)
    return RATE * min(1.0, (step + 1) / WARM) * (1 - falling * (1 - LAST))
