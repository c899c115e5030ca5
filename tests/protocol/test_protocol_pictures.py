"""Pictures of the study's texts: found, measured, refused, and put where the text names them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from binome import protocol
from binome.core import BinomeError, StudyError
from binome.core.stimulus import StimulusSet
from binome.protocol import Block
from binome.protocol.pictures import read_picture

Write = Callable[..., Path]
Make = Callable[..., StimulusSet]
PLACE = ("practice: 2", "practice: 2, pictures: {page: {file: pictures/page.png, alt: {en: A page, fr: Une page}}}")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}>{}</svg>'


def png(width: int, height: int) -> bytes:
    """A grey picture, written by hand: no library's."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def write(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def saved(kind: str, size: tuple[int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "media", "size"),
    [
        (png(30, 20), "image/png", (30, 20)),
        (saved("JPEG", (31, 17)), "image/jpeg", (31, 17)),
        (saved("WEBP", (16, 48)), "image/webp", (16, 48)),
        (SVG.format('width="64" height="32px"', "").encode(), "image/svg+xml", (64, 32)),
        (SVG.format('viewBox="0 0 120 90"', '<use href="#a"/>').encode(), "image/svg+xml", (120, 90)),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?>\n' + SVG.format('viewBox="0,0,8,9"', "").encode(),
            "image/svg+xml",
            (8, 9),
        ),
    ],
)
def test_a_picture_is_known_by_its_bytes(tmp_path: Path, content: bytes, media: str, size: tuple[int, int]) -> None:
    file = tmp_path / "picture.dat"
    file.write_bytes(content)
    found = read_picture(file, "what it shows")
    assert (found.media_type, (found.width, found.height), found.alt) == (media, size, "what it shows")
    assert found.content == content
    file.write_bytes(content + b" ")
    assert read_picture(file, "").name != found.name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a", "no PNG"),
        (saved("GIF", (3, 3)), "no PNG"),
        (b"<html></html>", "no PNG"),
        (png(30, 20)[:48], "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged|no PNG"),
        (b"<svg", "damaged SVG"),
        (png(4097, 1), "4097 × 1 pixels"),
        (bytes(1_000_001), "1.0 MB"),
        (SVG.format("", "").encode(), "viewBox"),
        (SVG.format('width="100%" height="100%"', "").encode(), "viewBox"),
        (SVG.format('viewBox="0 0 0 nan"', "").encode(), "viewBox"),
        (SVG.format('viewBox="0 0 9 9"', "<script/>").encode(), "<script>"),
        (SVG.format('viewBox="0 0 9 9" onload="x()"', "").encode(), "onload"),
        (SVG.format('viewBox="0 0 9 9"', '<image href="https://example.org/a.png"/>').encode(), "href"),
        (b"<!DOCTYPE svg>" + SVG.format('viewBox="0 0 9 9"', "").encode(), "document type"),
    ],
)
def test_what_is_no_harmless_picture_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(content)
    with pytest.raises(BinomeError, match=said):
        read_picture(file, "")


def test_each_language_has_its_file_where_there_is_one(write_study: Write) -> None:
    folder = write(write_study(PLACE), {"pictures/page.png": png(30, 20), "pictures/page.fr.png": png(40, 20)})
    spoken = protocol.load(folder).pictures["page"]
    assert [(spoken[code].width, spoken[code].alt) for code in ("en", "fr")] == [(30, "A page"), (40, "Une page")]
    (folder / "pictures/page.fr.png").unlink()
    spoken = protocol.load(folder).pictures["page"]
    assert spoken["fr"].name == spoken["en"].name
    assert protocol.load(folder).warnings == ()


@pytest.mark.parametrize(
    ("old", "new", "field", "found"),
    [
        ("page.png", "pag.png", "operators.pictures.page.file", "no file"),
        ("pictures/page.png", "../page.png", "operators.pictures.page.file", "'../page.png'"),
        (", fr: Une page", "", "operators.pictures.page.alt", "nothing in 'fr'"),
        ("{en: A page, fr: Une page}", "A page", "operators.pictures.page.alt", "nothing in 'fr'"),
        ("fr: Une page", "fr: ' '", "operators.pictures.page.alt", "nothing in 'fr'"),
        (", alt: {en: A page, fr: Une page}", "", "operators.pictures.page.alt", "nothing"),
        ("pictures/page.png", "consent.md", "operators.pictures.page.file", "no PNG"),
    ],
)
def test_check_finds_pictures_that_cannot_be_shown(
    write_study: Write, old: str, new: str, field: str, found: str
) -> None:
    folder = write(write_study((PLACE[0], PLACE[1].replace(old, new))), {"pictures/page.png": png(30, 20)})
    (problem,) = protocol.check(folder)
    assert (problem.field, problem.line) == (field, 16)
    assert found in problem.found


def test_a_text_shows_only_pictures_that_are_declared(write_study: Write) -> None:
    own = (PLACE[0], f"{PLACE[1]}, instructions: how.md")
    text = "# How\n\nLook:\n![page]\n\n![pgae]\n"
    folder = write(write_study(own), {"pictures/page.png": png(3, 2), "how.md": text, "how.fr.md": "![page]\n"})
    (problem,) = protocol.check(folder)
    assert (problem.file, problem.line, problem.found) == (str(folder / "how.md"), 6, "the picture 'pgae'")
    assert "'page'" in problem.hint
    (folder / "how.md").write_text(text.replace("\n![pgae]\n", ""))
    loaded = protocol.load(folder)
    assert loaded.instructions["en"].blocks == (
        Block("heading", "How"), Block("paragraph", "Look:"), Block("picture", "page")
    )  # fmt: skip
    assert loaded.loose_pictures == []
    (folder / "consent.md").write_text("Yes?\n\n![page]\n")
    with pytest.raises(StudyError, match="no picture here"):
        protocol.load(folder)


@pytest.mark.parametrize("own", [True, False])
def test_a_picture_that_no_text_names_ends_the_first_page(write_study: Write, make_stimuli: Make, own: bool) -> None:
    change = f"{PLACE[1]}, instructions: how.md" if own else PLACE[1]
    files: dict[str, bytes | str] = {"pictures/page.png": png(3, 2), "how.md": "Do it.\n", "how.fr.md": "Faites.\n"}
    loaded = protocol.load(write(write_study((PLACE[0], change)), files))
    stimuli = make_stimuli()
    first, *more = protocol.instructions(loaded, stimuli, protocol.plan(loaded, stimuli, 0), "fr")
    assert first[-1] == Block("picture", "page")
    assert [block.kind for page in [first[:-1], *more] for block in page if block.kind == "picture"] == []


def test_what_is_recorded_is_in_the_consent_and_its_version(write_study: Write) -> None:
    plain = protocol.load(write_study()).consent
    told = protocol.load(write_study(("practice: 2", "practice: 2, record: {mouse: true}"))).consent
    for language in ("en", "fr"):
        assert told[language].blocks == (
            *plain[language].blocks, Block("paragraph", protocol.text("consent_mouse", language))
        )  # fmt: skip
        assert told[language].version != plain[language].version
