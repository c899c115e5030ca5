"""What every request meets first: bounded bodies, a gentle bound on rates, the same headers on every answer."""

from __future__ import annotations

import hashlib
import time

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 256 * 1024
CALLS_PER_SECOND, BURST = 200.0, 1000.0
"""Per session (per address where there is none yet): far above what a page does, or a fast simulated operator."""
MOST_BUCKETS = 10_000
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Guard:
    """ASGI middleware; refuses with 413 (too much at once) and 429 (too often)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.rates = app, Rates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        answer = _dressed(send, immutable=path.startswith("/assets/"))
        client = headers.get("authorization") or (scope["client"] or ("",))[0]
        if path.startswith("/api/") and not self.rates.admit(client, time.monotonic()):
            refused = JSONResponse({"detail": "too many calls; wait a moment"}, 429, {"Retry-After": "1"})
            await refused(scope, receive, answer)
            return
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            await JSONResponse({"detail": "too much at once"}, 413)(scope, receive, answer)
            return
        await self.app(scope, _bounded(receive), answer)


class Rates:
    """One token bucket a client: `BURST` calls at once, `CALLS_PER_SECOND` in the long run."""

    def __init__(self) -> None:
        self._buckets: dict[bytes, tuple[float, float]] = {}

    def admit(self, client: str, now: float) -> bool:
        """Count one call; False when the client has used up its bucket. `now` is in seconds."""
        key = hashlib.sha256(client.encode()).digest()
        left, since = self._buckets.get(key, (BURST, now))
        left = min(BURST, left + (now - since) * CALLS_PER_SECOND)
        admitted = left >= 1
        self._buckets[key] = (left - admitted, now)
        if len(self._buckets) > MOST_BUCKETS:
            full = BURST / CALLS_PER_SECOND
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket[1] < full}
        return admitted


def _dressed(send: Send, *, immutable: bool) -> Send:
    """Add the headers that do not depend on what is sent."""

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY.items():
                headers.setdefault(name, value)
            if not immutable:
                headers["Cache-Control"] = "private, no-store"
        await send(message)

    return dressed


def _bounded(receive: Receive) -> Receive:
    """Count the body as it comes: a chunked one declares no length."""
    received = 0

    async def bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > LARGEST_BODY:
            raise HTTPException(413, "too much at once")
        return message

    return bounded
