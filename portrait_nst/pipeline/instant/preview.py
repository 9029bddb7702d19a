"""What is said of a picture that is only a preview, because nothing was learned for its style."""

from __future__ import annotations

from portrait_nst import named_styles
from portrait_nst.errors import InputError
from portrait_nst.pipeline.styles import Blend

FEW = 3  # pictures of a style that a note names one by one


def not_learned(blend: Blend, style_region: str = "whole") -> str:
    """The note for a picture whose style nothing was learned for: what it is, and the command that learns it."""
    from portrait_nst.instant.metadata import printable

    pictures = [picture for picture, _ in blend]
    names = [named_styles.name_of(each.path) or each.path.name if each.path else "the style" for each in pictures]
    called = printable(" and ".join(names)) if len(names) <= FEW else f"{len(names)} paintings"
    preview = f"{called} {'is' if len(names) == 1 else 'are'} not learned yet, so this is only a preview of the style"
    if reason := _unlearnable(blend, style_region):
        return f"{preview}, and stays one: {reason}"
    command = learn_command(blend, style_region)
    if not command:
        return f"{preview}; save the picture to a file, and `portrait-nst learn FILE` learns it in three minutes"
    it = "it" if len(names) == 1 else "them"
    return f"{preview}; this learns {it} in three minutes: {command}"


def learn_command(blend: Blend, style_region: str = "whole") -> str:
    """The command that learns the network of `blend`, complete; "" where a picture of it is no file."""
    from portrait_nst.pipeline.movements import paintings_in, spread_evenly

    paths = [picture.path for picture, _ in blend if picture.path is not None]
    if not paths or len(paths) < len(blend):
        return ""
    region = "" if style_region == "whole" else f" --style-region {named_styles.quoted(style_region)}"
    folder = paths[0].parent
    if len(paths) > 1 and paths == spread_evenly(paintings_in(folder)):
        return f"portrait-nst learn {named_styles.quoted(folder)}{region}"
    words = [named_styles.word(path) for path in paths]
    shares = [round(weight / blend[0][1], 4) for _, weight in blend]
    others = [f" --blend {word}{'' if share == 1 else f':{share:g}'}" for word, share in zip(words[1:], shares[1:])]
    return f"portrait-nst learn {words[0]}{''.join(others)}{region}"


def _unlearnable(blend: Blend, style_region: str) -> str:
    """Why `blend` cannot be learned, in words, or ""; nobody is looked for in a painting for that."""
    from portrait_nst.pipeline.learning import paintings_of

    try:
        paintings_of(blend, "whole" if style_region == "person" else style_region)
    except InputError as error:
        return str(error)
    return ""
