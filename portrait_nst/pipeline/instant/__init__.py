"""Painting at once, with a network that was learned for the style: the `Work` of quality instant, beside the engine's."""
