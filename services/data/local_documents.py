"""JSON documents about tables that are kept on this computer: read in one place, written whole or not at all."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from services.aws import documents
from services.aws.documents import ASIDE, Document, UnreadableDocumentError
from services.errors import Problem

D = TypeVar("D", bound=Document)


def read(path: Path, kind: type[D]) -> D | None:
    """The document at `path`; None where there is none.

    One that cannot be read is set aside beside its place and named in a Problem, once: after that there is none.
    """
    try:
        return documents.parse(kind, path.read_bytes(), str(path))
    except FileNotFoundError:
        return None
    except UnreadableDocumentError as unreadable:
        aside = path.rename(path.with_name(f"{path.name}{ASIDE}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
        remedy = f"It was set aside as {aside.name}; reload the page to go on without it"
        raise Problem(f"Document {path}", unreadable.reason, remedy) from unreadable


def write(path: Path, document: Document) -> None:
    """Keep a document at `path`, over the one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as draft:
        draft.write(documents.to_json(document))
    Path(draft.name).replace(path)


def file_name(of: tuple[str, ...]) -> str:
    """The name of the file that keeps what belongs to `of`, such as a table and its target."""
    return f"{hashlib.sha256(repr(of).encode()).hexdigest()[:24]}.json"
