"""Video: the person painted frame by frame without flicker, the place untouched, the sound kept."""
