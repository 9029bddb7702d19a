"""Paint the person, keep the place."""

__version__ = "0.1.0"
