"""The command line `article20`, from its first moment: it loads the program and never does the
work."""

import signal
import sys
from typing import NoReturn

STOPPED = "stopped before it was done."
STOPPED_EXIT = 1


def main() -> None:
    """Run the program with the arguments of the process and exit.

    Whoever ends it, while it still loads or before its work has a way to end politely, is told in
    the same line as later, and no traceback.
    """
    try:
        signal.signal(signal.SIGTERM, _stop)
        # Here and not above: loading takes a while, in which somebody may have second thoughts.
        from services.cli.program import main as program

        program()
    except KeyboardInterrupt:
        sys.stderr.write(f"article20: {STOPPED}\n")
        sys.exit(STOPPED_EXIT)


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
