"""Reports as one HTML file: no script, no address, both themes; every text of the account and the data is escaped."""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources

from services.visible_text import visible

LONGEST = 200  # characters of a cell or value that are written
WIDTH, HEIGHT = 460, 240  # pixels of a drawing


@dataclass(frozen=True)
class Table:
    """A table: the names of its columns and its rows, cell by cell."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Line:
    """A line in a square from 0 to 1."""

    title: str
    x_title: str
    y_title: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True)
class Section:
    """A part of a report: sentences, facts by their label, a table and lines, those that there are."""

    heading: str
    sentences: Sequence[str] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    tables: Sequence[Table] = ()
    lines: Sequence[Line] = ()


def page(title: str, made: str, sections: Iterable[Section]) -> str:
    """The whole file from sections."""
    return document(title, made, map(section_html, sections))


def document(title: str, made: str, parts: Iterable[str]) -> str:
    """The whole file from HTML that is escaped already; `made` says when and by whom."""
    style = resources.files(__package__).joinpath("html_report.css").read_text()
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{text(title)}</title><style>{style}</style></head>"
        f'<body><main><h1>{text(title)}</h1><p class="soft">{text(made)}</p>{"".join(parts)}</main></body></html>\n'
    )


def text(value: object) -> str:
    """`value` as HTML shows it: no markup, no hidden character, cut where it is very long."""
    shown = visible(value)
    return html.escape(shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…")


def section(heading: str, content: str) -> str:
    """A section of HTML that is escaped already."""
    return f"<section><h2>{heading}</h2>{content}</section>"


def section_html(shown: Section) -> str:
    """A section as HTML."""
    facts = "".join(f"<dt>{text(label)}</dt><dd>{text(value)}</dd>" for label, value in shown.facts.items())
    content = [
        *(f"<p>{html.escape(visible(sentence))}</p>" for sentence in shown.sentences),
        f'<dl class="facts">{facts}</dl>' if facts else "",
        *map(table_html, shown.tables),
        f'<div class="drawings">{"".join(map(_drawing, shown.lines))}</div>' if shown.lines else "",
    ]
    return section(text(shown.heading), "".join(content))


def table_html(table: Table) -> str:
    """A table that scrolls where it is wide."""

    def line(cells: Iterable[object], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{text(cell)}</{tag}>' for cell in cells)}</tr>"

    lines = "".join(line(cells, "td") for cells in table.rows)
    return f'<div class="wide"><table class="rows">{line(table.columns, "th")}{lines}</table></div>'


def _drawing(line: Line) -> str:
    points = " ".join(f"{x * WIDTH:.1f},{(1 - y) * HEIGHT:.1f}" for x, y in zip(line.x, line.y, strict=True))
    return (
        f'<figure style="width:{WIDTH}px"><svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{text(line.title)}"><polyline points="{points}"/></svg>'
        f"<figcaption><span>{text(line.title)}</span>"
        f"<span>{text(line.y_title)} over {text(line.x_title)}, 0 to 1</span></figcaption></figure>"
    )
