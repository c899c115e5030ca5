"""Who may see the researcher's pages: the key opens them once, a signed cookie keeps them open."""

from __future__ import annotations

import hmac

from fastapi import HTTPException, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE, COOKIE_SECONDS = "binome_researcher", 7 * 24 * 3600


class Admission:
    """Checks the key of a study and the cookies that it gave out.

    Args:
        researcher_key: opens the pages.
        secret: signs the cookie.
    """

    def __init__(self, researcher_key: str, secret: str) -> None:
        self._key, self._signer = researcher_key, URLSafeTimedSerializer(secret, salt="researcher")

    def sign_in(self, key: str, response: Response) -> None:
        """Give the cookie to who has the key; 403 otherwise."""
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            raise HTTPException(403, "this key is not the study's")
        cookie = self._signer.dumps("researcher")
        response.set_cookie(COOKIE, cookie, max_age=COOKIE_SECONDS, httponly=True, samesite="strict")

    def require(self, cookie: str) -> None:
        """401 without a cookie that was given out here in the last seven days."""
        try:
            known = self._signer.loads(cookie, max_age=COOKIE_SECONDS) == "researcher"
        except BadSignature:
            known = False
        if not known:
            raise HTTPException(401, "open the address that `binome serve` printed, with its key")
