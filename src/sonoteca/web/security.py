"""Security: the headers that every answer carries, whatever made it.

Takes  an ASGI application.   Gives  the same one, whose answers forbid what no page of ours needs. What can be no
       document (scripts, styles, fonts) carries only what counts for it: a page brings two dozen of them.
Never  lets a page run a script or load anything that is not from this archive, be put into a frame, or tell other
       hosts where people came from.
"""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
FEATURES = ("camera", "geolocation", "microphone", "payment", "usb", "interest-cohort", "browsing-topics")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
    "X-Frame-Options": "DENY",
}
# A policy is read of documents and of nothing that they load. Pictures are left out: an SVG can be opened by itself.
NO_DOCUMENTS = ("text/javascript", "text/css", "font/")
PARTS = {name: HEADERS[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy")}


class SecurityHeaders:
    """Adds the headers that an answer does not have by itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_part = headers.get("Content-Type", "").startswith(NO_DOCUMENTS)
                for name, value in (PARTS if is_part else HEADERS).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded)
