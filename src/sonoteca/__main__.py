"""python -m sonoteca: the command line."""

from sonoteca.cli import main

if __name__ == "__main__":
    main(prog_name="sonoteca")
