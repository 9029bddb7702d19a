"""`python -m portrait_nst`, and what the command `portrait-nst` calls."""

from portrait_nst.cli import interrupts


def main() -> None:
    """Run the command line. Ctrl-C is looked after before the commands are imported, which takes a moment."""
    interrupts.end_at_once()
    from portrait_nst.cli.main import run

    run()


if __name__ == "__main__":
    main()
