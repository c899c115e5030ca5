"""The words of the operator's page, for languages that the page does not come with."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, HTTPException

from binome.protocol.catalogue import page_words


def add_words(app: FastAPI) -> None:
    """Add the route; it needs no session, since the first page speaks too, and says nothing of any."""
    app.get("/api/words/{language}", include_in_schema=False)(words)


def words(language: str) -> dict[str, Any]:
    try:
        return dict(page_words(language))
    except KeyError:
        raise HTTPException(404, "Binome does not speak this language here") from None
