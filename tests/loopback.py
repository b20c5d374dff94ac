"""Clients of plain HTTP to this machine. They trust no authority, because none is needed: to read
those of the system for each client takes 50 ms of a processor."""

import ssl
from functools import partial
from typing import Final

import httpx

_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
TIMEOUT_SECONDS: Final = 60
"""How long an answer may take: a bound, for a machine may be busy."""

Client = partial(httpx.Client, verify=_NOBODY, timeout=TIMEOUT_SECONDS)
AsyncClient = partial(httpx.AsyncClient, verify=_NOBODY, timeout=TIMEOUT_SECONDS)
get = partial(httpx.get, verify=_NOBODY, timeout=TIMEOUT_SECONDS)
post = partial(httpx.post, verify=_NOBODY, timeout=TIMEOUT_SECONDS)
