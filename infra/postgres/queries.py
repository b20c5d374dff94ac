"""Reads the named queries of the `.sql` files beside it; it never builds SQL."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

_NAMED: Final = re.compile(r"^-- name: (?P<name>\w+)\n(?P<comment>(?:--.*\n)+)", re.MULTILINE)


@lru_cache(maxsize=32)
def queries(file: str) -> dict[str, str]:
    """The queries of `sql/<file>.sql` by name, without their closing semicolons."""
    text = files("infra.postgres").joinpath("sql", f"{file}.sql").read_text("utf-8")
    found = list(_NAMED.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {
        match["name"]: text[match.end() : end].strip().rstrip(";")
        for match, end in zip(found, ends, strict=True)
    }
