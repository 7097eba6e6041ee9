"""`python -m diffsrc`: the command line."""

from .cli.main import main

main(prog_name="diffsrc")
