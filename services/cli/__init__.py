"""The command line `article20`, from its first moment: it loads the program and never does the
work."""

import os
import signal
import sys
from typing import Final, NoReturn

STOPPED = "stopped before it was done."
STOPPED_EXIT = 1
_STREAMS: Final = (
    ("stdin", "r", os.O_WRONLY),
    ("stdout", "w", os.O_RDONLY),
    ("stderr", "w", os.O_WRONLY),
)
"""The standard streams by number: name, mode, and how the null device stands in for one."""


def main() -> None:
    """Run the program with the arguments of the process and exit.

    Whoever ends it, while it still loads or before its work has a way to end politely, is told in
    the same line as later, and no traceback.
    """
    _stand_in_for_closed_streams()
    try:
        signal.signal(signal.SIGTERM, _stop)
        # Here and not above: loading takes a while, in which somebody may have second thoughts.
        from services.cli.program import main as program

        program()
    except KeyboardInterrupt:
        sys.stderr.write(f"article20: {STOPPED}\n")
        sys.exit(STOPPED_EXIT)


def _stand_in_for_closed_streams() -> None:
    """Take the numbers of standard streams that are closed, as of `article20 status >&-`.

    Otherwise the next file or socket gets one, and what is meant for a reader goes there. Input and
    output are opened the wrong way round: using them fails as it does with a stream that is closed.
    """
    for number, (name, mode, how) in enumerate(_STREAMS):
        if getattr(sys, name) is None and os.open(os.devnull, how) == number:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _stop(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
