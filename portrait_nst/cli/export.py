"""`portrait-nst export PAINTING`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from portrait_nst import named_styles
from portrait_nst.cli import options
from portrait_nst.errors import InputError

SUFFIX = ".onnx"


def command(
    painting: Annotated[
        Path,
        typer.Argument(
            help="A picture that was learned, a name from `portrait-nst styles`, or a learned file (.safetensors).",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        options.option(
            options.OUTPUT,
            "-o",
            "--output",
            help="The model to write (.onnx); - for standard output, without --json.  [default: PAINTING.onnx]",
        ),
    ] = None,
    force: options.Force = False,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the network of PAINTING as an ONNX model, which paints on phones, on servers, and in a browser by onnxruntime-web.

    Its inputs are float32 in 0 to 1: photo (1, 3, H, W), H and W of any size; matte (1, 1, H, W); strength and faces, maps of
    that size or one number (1, 1, 1, 1). Its outputs are composited and painted (1, 3, H, W). It is written only if onnxruntime
    paints with it what this program paints, to 2 of 255 levels. A painting that is not learned yet is written as a preview,
    with a note. Needs `pip install 'portrait-nst[onnx]'`.

    **Examples**

    `portrait-nst learn starry.jpg && portrait-nst export starry.jpg -o starry.onnx`

    `portrait-nst export impasto -o - > impasto.onnx`
    """
    from portrait_nst.cli import console, pipes

    pipes.files_only("export", painting=painting)
    source = named_styles.style_file(painting)
    _check_suffix(output)
    target = pipes.target(output, source, SUFFIX, None, as_json=json, kinds=(SUFFIX,), what="model")
    if target.stream is None:
        from portrait_nst.imaging.atomic import check_writable

        check_writable(target.path, overwrite=force, inputs=[source])
    from portrait_nst.pipeline import export

    made = export(source)
    if target.stream is None:
        made.save(target.path, overwrite=force)
    else:
        target.write(made.data)
    levels, about = made.difference * 255, made.network.about
    if json:
        values = {"output": str(target.path), "bytes": len(made.data), "learned": made.network.learned}
        console.print_json({**values, "steps": about.steps, "levels": round(levels, 4), "notes": list(made.notes)})
        return
    if not quiet:
        for note in made.notes:
            console.say(f"note: {note}")
        size = len(made.data) / 1e6
        console.say(f"{size:.1f} MB; what onnxruntime paints with it is equal to within {levels:.2f}/255")
    console.print_path(target.file)


def _check_suffix(output: Path | None) -> None:
    """Raise InputError for an output that is no .onnx."""
    from portrait_nst.cli.pipes import PIPE

    if output is None or output == PIPE or output.is_dir() or output.suffix.lower() == SUFFIX:
        return
    named = output.with_suffix(SUFFIX) if output.name else SUFFIX
    raise InputError(
        f"A network is exported as {SUFFIX}, not as {output.suffix or 'a file without suffix'}: -o {named}."
    )
