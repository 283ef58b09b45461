"""Excel workbooks written by hand, cell by cell, so that tests say exactly what stands in them."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>'
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 as Excel counts days, which have no zone


@dataclass(frozen=True)
class Formula:
    """A formula and the value that Excel stored for it."""

    text: str
    value: float


@dataclass(frozen=True)
class ErrorCell:
    """What Excel shows where a formula failed, such as #N/A."""

    text: str


def workbook(sheets: Mapping[str, Sequence[Sequence[Any]]], merged: str = "", hidden: Sequence[str] = ()) -> bytes:
    """The bytes of a workbook; `merged` cells, such as "A1:B1", are of every sheet. None leaves a cell out."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        names = list(enumerate(sheets, start=1))
        state = dict.fromkeys(hidden, ' state="hidden"')
        entries = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"{state.get(name, "")}/>'
            for number, name in names
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{entries}</sheets></workbook>'
        )
        links = "".join(
            f'<Relationship Id="r{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            for number, _ in names
        )
        root = f'<Relationship Id="b" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>')
        styles = f'<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
        relations = f'<Relationships xmlns="{PACKAGE}/relationships">{links}{styles}</Relationships>'
        archive.writestr("xl/_rels/workbook.xml.rels", relations)
        archive.writestr("xl/styles.xml", STYLES)
        for number, name in names:
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(sheets[name], merged))
        types = (
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
        )
        archive.writestr("[Content_Types].xml", types)
    return packed.getvalue()


def _sheet(rows: Sequence[Sequence[Any]], merged: str) -> str:
    body = "".join(
        f'<row r="{number}">{"".join(_cell(number, place, cell) for place, cell in enumerate(row))}</row>'
        for number, row in enumerate(rows, start=1)
    )
    ranges = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{ranges}</worksheet>'


def _cell(row: int, place: int, cell: Any) -> str:
    at = f'r="{chr(ord("A") + place)}{row}"'
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return f'<c {at} t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, str):
        return f'<c {at} t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    if isinstance(cell, datetime):
        days = (cell - EPOCH).total_seconds() / 86400
        return f'<c {at} s="1"><v>{days!r}</v></c>'
    if isinstance(cell, Formula):
        return f"<c {at}><f>{escape(cell.text)}</f><v>{cell.value}</v></c>"
    if isinstance(cell, ErrorCell):
        return f'<c {at} t="e"><v>{cell.text}</v></c>'
    return f"<c {at}><v>{cell!r}</v></c>"
