"""Writes `schema.sql`, what the migrations make of an empty database, for readers; it never changes
a database that anybody uses.

Run `python -m infra.postgres.schema` after a migration was added.
"""

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from infra.postgres import embedded
from infra.postgres.migrate import SCHEMA, migrate

SCHEMA_FILE: Final = Path(__file__).with_name("schema.sql")
DUMP_SECONDS_MAX: Final = 60
HEADING: Final = """\
-- What all migrations together make, for readers. Written by `python -m infra.postgres.schema`,
-- never by hand; a test replays the migrations and compares.

SET check_function_bodies = false;
"""
_FIRST: Final = f"CREATE SCHEMA {SCHEMA};"
_NAMING: Final = re.compile(r"^--\n-- Name: .*\n--\n+", re.MULTILINE)
_ENDING: Final = re.compile(r"\n+--\n-- PostgreSQL database dump complete\n(.|\n)*$")


def dump(dsn: str) -> str:
    """Everything of the schema in a database as SQL: tables, constraints, indexes, functions,
    triggers, policies, owners and grants."""
    program = str(embedded.PROGRAMS / "pg_dump")
    command = [program, "--schema-only", f"--schema={SCHEMA}", f"--dbname={dsn}"]
    answer = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=DUMP_SECONDS_MAX
    )
    whole = _ENDING.sub("\n", _NAMING.sub("", answer.stdout))
    return HEADING + "\n" + re.sub(r"\n{3,}", "\n\n", whole[whole.index(_FIRST) :])


def main() -> None:
    """Migrate an empty database and write down what it holds."""
    with tempfile.TemporaryDirectory(prefix="a20-") as folder:
        server = embedded.start(Path(folder))
        try:
            asyncio.run(migrate(server.dsn))
            SCHEMA_FILE.write_text(dump(server.dsn), encoding="utf-8")
        finally:
            server.close()


if __name__ == "__main__":
    main()
