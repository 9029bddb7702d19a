"""`python -m portrait_nst`."""

from portrait_nst.cli.main import run

run()
