"""A publisher of feeds on loopback, and a server that may ask it; for tests that read feeds."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

from tests.infra.test_outgoing import Publisher
from tests.services.running import Running, running


@contextmanager
def publisher() -> Iterator[Any]:
    """A publisher: `answers` by path, `asked` what came, `host` where it is found."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Publisher)
    server.answers, server.asked = {}, []
    server.host = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def asking(dsn: str, web: Any) -> AbstractContextManager[Running]:
    """A server that polls when it is told to, and may ask a publisher."""
    return running(dsn, feed_polling="false", outgoing_private_hosts=web.host)
