"""Who may find the person in a photo: MediaPipe, or a model of the rembg library."""

from typing import Literal, TypeAlias

# Of rembg's models those that mark people or what stands out, as one mask, on this machine. Not those that send the photo to a
# service, need a file or a point from the user, or mark clothes.
Segmenter: TypeAlias = Literal[
    "mediapipe",
    "rembg:birefnet-general",
    "rembg:birefnet-general-lite",
    "rembg:birefnet-portrait",
    "rembg:birefnet-dis",
    "rembg:birefnet-hrsod",
    "rembg:birefnet-massive",
    "rembg:bria-rmbg",
    "rembg:isnet-general-use",
    "rembg:isnet-anime",
    "rembg:silueta",
    "rembg:u2net",
    "rembg:u2netp",
    "rembg:u2net_human_seg",
]
