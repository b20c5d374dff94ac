"""The log of the process: one JSON object a line on stderr, from every library; no bodies, no
queries, no secrets."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import structlog

QUIET: Final = ("_granian", "asyncio", "httpx")
"""Loggers whose small talk is left out."""


class JsonLines(logging.Formatter):
    """What other libraries log, in the same form as our own lines."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; of an exception its type and where it was raised."""
        line: dict[str, Any] = {
            "event": record.getMessage().splitlines()[0][:1000] if record.getMessage() else "",
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            if trace is not None:
                line["raised_in"] = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        return json.dumps(line)


def log_to_stderr(level: str) -> None:
    """Log from this level on."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=threshold, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
