"""The log of the process on stderr, from every library: one JSON object a line, or plain lines for
whoever watches a terminal; no bodies, no queries, no secrets."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import structlog

QUIET: Final = ("asyncio", "httpx")
"""Loggers whose small talk is left out."""
EVENT_CHARACTERS_MAX: Final = 1000


class JsonLines(logging.Formatter):
    """What other libraries log, in the same form as our own lines."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; of an exception its type and where it was raised."""
        return json.dumps(_facts(record))


class PlainLines(logging.Formatter):
    """The same for a terminal, in the same form as our own lines there."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; of an exception its type and where it was raised."""
        facts = _facts(record)
        first = f"{facts.pop('timestamp')} [{facts.pop('level')}] {facts.pop('event')}"
        return " ".join([first, *(f"{name}={value}" for name, value in facts.items())])


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    said = record.getMessage().splitlines()
    facts: dict[str, Any] = {
        "event": said[0][:EVENT_CHARACTERS_MAX] if said else "",
        "level": record.levelname.lower(),
        "logger": record.name,
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
    }
    if record.exc_info and record.exc_info[0] is not None:
        facts["error"] = record.exc_info[0].__name__
        trace = record.exc_info[2]
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        if trace is not None:
            facts["raised_in"] = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
    return facts


def log_to_stderr(level: str) -> None:
    """Log from this level on."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    is_watched = sys.stderr.isatty()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlainLines() if is_watched else JsonLines())
    logging.basicConfig(level=threshold, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    last: Any = structlog.processors.JSONRenderer()
    if is_watched:
        last = structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
