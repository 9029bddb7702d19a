"""Measures of a pop-art portrait: how exact it is, how straight, how bold, how true to the photo's tones."""
