"""S3's XML documents, in and out. A document from outside is small and has no DOCTYPE, or it is refused."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from services.local.s3.errors import S3Error

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
DOCUMENT_LIMIT = 2_000_000  # bytes
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML 1.0 has no way to say them


class _NoDoctype(ElementTree.TreeBuilder):
    """Entities, and with them all that makes XML dangerous, need a DOCTYPE: the parser stops at it."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise malformed_xml()


def malformed_xml() -> S3Error:
    """The answer to a document that is not what S3 expects."""
    return S3Error("MalformedXML", "The XML of the request is not well-formed or not of S3's schema.", 400)


def from_xml(body: bytes, root: str) -> ElementTree.Element:
    """The document's root, which must be called `root`, with all names stripped of namespaces."""
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        parser.feed(body)
        document: ElementTree.Element = parser.close()
    except ElementTree.ParseError:
        raise malformed_xml() from None
    for element in document.iter():
        element.tag = element.tag.rpartition("}")[2]
    if document.tag != root:
        raise malformed_xml()
    return document


def to_xml(root: str, members: Mapping[str, Any]) -> bytes:
    """A document of nested mappings; a list is an element repeated, and what is None is left out.

    A name may be followed by attributes.
    """
    inner = "".join(_element(name, value) for name, value in members.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{inner}</{root}>'.encode()


def error_xml(error: S3Error, resource: str, request_id: str) -> bytes:
    """The document of a refusal."""
    content = {"Code": error.code, "Message": error.message, "Resource": resource, "RequestId": request_id}
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("Error", content)}'.encode()


def timestamp(seconds: float) -> str:
    """Epoch seconds as S3 writes them."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _element(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, Mapping):
        inner = "".join(_element(key, item) for key, item in value.items())
    else:
        text = UNWRITABLE.sub("\ufffd", str(value).lower() if isinstance(value, bool) else str(value))
        # A bare carriage return would be read back as a line feed.
        inner = escape(text, {"\r": "&#13;"})
    return f"<{name}>{inner}</{name.partition(' ')[0]}>"
