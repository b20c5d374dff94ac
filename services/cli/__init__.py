"""The command line `article20`, from its first moment: it loads the program and never does the
work."""

import sys

STOPPED = "stopped before it was done."
STOPPED_EXIT = 1


def main() -> None:
    """Run the program with the arguments of the process and exit.

    Whoever ends it while it still loads is told in the same line as later, and no traceback.
    """
    try:
        # Here and not above: loading takes a while, in which somebody may have second thoughts.
        from services.cli.program import main as program

        program()
    except KeyboardInterrupt:
        sys.stderr.write(f"article20: {STOPPED}\n")
        sys.exit(STOPPED_EXIT)
