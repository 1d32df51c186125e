"""How the commands serve: uvicorn, with connections that cannot wait for ever. It needs the extra `api`."""

from typing import Any

import uvicorn

from mkdocs_gitguard.graph_api.connections import BACKLOG, TimedConnection, most_connections


def serve_http(app: Any, *, host: str, port: int, grace: int, is_named: bool = True) -> None:
    """Serve an application until SIGINT or SIGTERM: uvicorn sends open answers to their end by itself.

    Args:
        app: ASGI.
        host: address to listen on.
        port: 0 for any that is free.
        grace: seconds that open answers have.
        is_named: whether answers say what serves them.
    """
    uvicorn.run(
        app,
        host=host,
        port=port,
        http=TimedConnection,
        ws="none",
        backlog=BACKLOG,
        limit_concurrency=most_connections(),
        log_level="warning",
        access_log=False,
        server_header=is_named,
        timeout_graceful_shutdown=grace,
    )
