"""`portrait-nst mask PHOTO`."""

from __future__ import annotations

from typing import Annotated

from portrait_nst.cli import options
from portrait_nst.cli.options import option


def command(
    photo: options.PhotoArgument,
    output: options.PipedOutput = None,
    overlay: Annotated[
        bool, option("Output", "--overlay", help="Write a picture to check the matte by instead.")
    ] = False,
    person: options.Person = options.PERSON_FIELD.default,
    segmenter: options.Segmenter = options.SEGMENTER_FIELD.default,
    format: options.Format = None,
    no_recipe: Annotated[
        bool, option("Output", "--no-recipe", help="Do not mark the file as ours, so that batch takes it for a photo.")
    ] = False,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the matte of the person in PHOTO: white is painted, black is kept, grey is hair.

    Edit it in any program and give it back with `stylize --mask`.

    **Examples**

    `portrait-nst mask me.jpg`

    `portrait-nst mask group.jpg --person 2 --overlay -o check.png`

    `portrait-nst mask me.jpg --segmenter rembg:u2net`

    `portrait-nst mask - -o - < me.jpg > mask.png`
    """
    import numpy as np

    from portrait_nst import imaging, pipeline
    from portrait_nst.cli import console, pipes
    from portrait_nst.recipe.recipe import MASK
    from portrait_nst.types import Photo

    options.check_segmenter(segmenter, quiet=quiet or json)
    target = pipes.target(output, photo, f"-{'overlay' if overlay else 'mask'}.png", format, as_json=json)
    picture = pipes.load(photo, "photo")
    target.check(overwrite=force, inputs=pipes.files(photo), size=picture.size)
    matte = pipeline.matte(picture, person=options.PERSON_FIELD.parse(person), segmenter=segmenter)
    if overlay:
        from portrait_nst import segmentation

        rgb = segmentation.overlay(picture, matte)
    else:
        rgb = np.repeat(np.round(matte.alpha * 255).astype(np.uint8)[..., None], 3, 2)
    mark = None if no_recipe else {"command": MASK}  # so that no batch takes it for a photo
    imaging.save(Photo(rgb), target.destination, format=target.format, recipe=mark, overwrite=force)
    if json:
        share = float(matte.alpha.mean())
        values = {"output": str(target.path), "people": matte.people, "share": round(share, 4), "matte": matte.source}
        console.print_json({**values, "notes": list(matte.notes)})
        return
    if not quiet:
        for note in matte.notes:
            console.say(f"note: {note}")
        console.say(f"{matte.source}: {matte.alpha.mean():.0%} of the picture")
    console.print_path(target.file)
