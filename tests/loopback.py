"""Clients of plain HTTP to this machine, and ports for its servers. The clients trust no authority,
because none is needed: to read those of the system for each takes 50 ms of a processor."""

import secrets
import socket
import ssl
from functools import partial
from typing import Final

import httpx

_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TIMEOUT_SECONDS: Final = 60
"""How long an answer may take: a bound, for a machine may be busy."""
PORTS: Final = range(10_000, 32_000)
"""Ports that no system gives to whoever names none: one found free stays free until it is used."""

Client = partial(httpx.Client, verify=_NOBODY, timeout=TIMEOUT_SECONDS)
AsyncClient = partial(httpx.AsyncClient, verify=_NOBODY, timeout=TIMEOUT_SECONDS)
get = partial(httpx.get, verify=_NOBODY, timeout=TIMEOUT_SECONDS)
post = partial(httpx.post, verify=_NOBODY, timeout=TIMEOUT_SECONDS)


def free_port() -> int:
    """A port at which nobody listens."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
