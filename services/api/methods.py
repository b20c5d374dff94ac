"""The methods a bare ASGI route takes; the framework sees to all other routes."""

from typing import Any

from litestar.exceptions import MethodNotAllowedException


def only(scope: Any, method: str) -> None:
    """MethodNotAllowedException unless the request has the one method a route takes."""
    if scope["method"] != method:
        raise MethodNotAllowedException(headers={"Allow": method})
