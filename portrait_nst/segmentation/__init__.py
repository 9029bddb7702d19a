"""Person mattes and faces. The only room that knows MediaPipe and rembg; they and cv2 are imported on first use."""

from __future__ import annotations

from portrait_nst.segmentation.detection import SURE, again, faces, newcomers, redetect, same_place
from portrait_nst.segmentation.glance import glance, snapped
from portrait_nst.segmentation.matte_overlay import overlay
from portrait_nst.segmentation.mediapipe_tasks import close
from portrait_nst.segmentation.people import covers
from portrait_nst.segmentation.rembg_model import check_library, download_note
from portrait_nst.segmentation.roi import Roi
from portrait_nst.segmentation.selection import Group, checked_person, followed, person
from portrait_nst.segmentation.skin import skin_map

__all__ = [
    "SURE",
    "Group",
    "Roi",
    "again",
    "check_library",
    "checked_person",
    "close",
    "covers",
    "download_note",
    "faces",
    "followed",
    "glance",
    "newcomers",
    "overlay",
    "person",
    "redetect",
    "same_place",
    "skin_map",
    "snapped",
]
