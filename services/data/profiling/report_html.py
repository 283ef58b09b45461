"""The profile of a table as one HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from services.data.class_names import share_text
from services.data.profiling import column_facts
from services.data.profiling.column_profile import ColumnProfile
from services.data.profiling.correlations import CorrelationMeasure
from services.data.profiling.profile_report import ProfileReport
from services.html_report import Table, document, section, table_html, text

BAR, HEIGHT = 14, 90  # pixels of a histogram's bar and of its whole height
TOLD = {
    CorrelationMeasure.PEARSON: "Pearson's correlation of number columns, of all rows.",
    CorrelationMeasure.SPEARMAN: "Spearman's rank correlation of number columns, of all rows.",
    CorrelationMeasure.CRAMER: "Cramér's V of text columns, corrected for chance, of all rows.",
}


def as_html(report: ProfileReport, source: str, now: datetime) -> str:
    """The whole file; `source` says where the table came from."""
    notes = [(column.name, note) for column in report.columns for note in column.notes]
    parts = [
        _cards(report),
        section("Notes", _notes(notes, report.duplicates)),
        section(f"Association with {text(report.target)}", _associations(report)),
        *(section(measure, _heat_map(table, TOLD[measure])) for measure, table in report.correlations.items()),
        section("Columns", "".join(_column(column) for column in report.columns)),
        section(
            "First rows",
            table_html(Table(list(report.rows.columns), [*report.rows.itertuples(index=False, name=None)])),
        ),
    ]
    return document(f"Profile of {source}", f"{now:%Y-%m-%d %H:%M} UTC · made with SageDeck", parts)


def _cards(report: ProfileReport) -> str:
    seen = report.overview
    cells = seen.rows * seen.columns
    share = f" ({share_text(seen.missing / cells)})" if seen.missing else ""
    figures = {
        "Rows": f"{seen.rows:,}",
        "Columns": f"{seen.columns:,}",
        "Missing cells": f"{seen.missing:,}{share}",
        "Duplicate rows": f"{report.duplicates:,}",
        "Memory": f"{seen.memory / 1e6:,.1f} MB",
    }
    cards = (f'<div class="card"><span>{label}</span><b>{value}</b></div>' for label, value in figures.items())
    return f'<div class="cards">{"".join(cards)}</div>'


def _notes(notes: Sequence[tuple[str, str]], duplicates: int) -> str:
    told = (
        [f"{duplicates:,} {'row repeats' if duplicates == 1 else 'rows repeat'} an earlier row."] if duplicates else []
    )
    told += [f"<b>{text(name)}</b>: {text(note)}." for name, note in notes]
    return f"<ul>{''.join(f'<li>{line}</li>' for line in told)}</ul>" if told else "<p>Nothing to note.</p>"


def _associations(report: ProfileReport) -> str:
    found = report.associations
    if not found:
        return f"<p>{text(report.problem)}</p>"
    lines = (
        f"<tr><th>{text(column.column)}</th><td>{column.kind}</td>"
        f'<td class="bar"><i style="width:{column.strength:.1%}"></i></td><td class="n">{column.strength:.3f}</td></tr>'
        for column in found.columns
    )
    return (
        '<p class="soft">0 is no association, 1 means that the column tells the target; corrected for chance, and '
        "Cramér's V for two classes. Numbers are cut into 20 bins, those of the target into 10. "
        f"Computed from the {found.rows:,} training rows only.</p>"
        f'<table class="ranked">{"".join(lines)}</table>'
    )


def _heat_map(table: pd.DataFrame, told: str) -> str:
    names = [text(name) for name in table.columns]
    head = "".join(f"<th><span>{name}</span></th>" for name in names)
    lines = (
        f"<tr><th>{name}</th>{''.join(map(_heat, cells))}</tr>"
        for name, cells in zip(names, table.to_numpy(), strict=True)
    )
    return (
        f'<p class="soft">{told}</p><div class="wide"><table class="heat"><tr><th></th>{head}</tr>'
        f"{''.join(lines)}</table></div>"
    )


def _heat(value: float) -> str:
    if value != value:
        return "<td></td>"
    colour = "20,153,141" if value >= 0 else "226,137,59"
    return f'<td style="background:rgba({colour},{min(1.0, abs(value)) * 0.85:.2f})">{round(value, 2) + 0.0:.2f}</td>'


def _column(column: ColumnProfile) -> str:
    notes = "".join(f'<span class="note">{text(note)}</span>' for note in column.notes)
    facts = "".join(f"<dt>{label}</dt><dd>{text(value)}</dd>" for label, value in column_facts.facts(column))
    return (
        f'<article><h3>{text(column.name)} <small>{column.kind}</small></h3>{notes}<div class="column"><dl>{facts}</dl>'
        f"<div>{_histogram(column)}{_top(column)}</div></div></article>"
    )


def _histogram(column: ColumnProfile) -> str:
    shown = column.histogram
    most = max(shown.counts, default=0)
    if not most or column.kind in ("text", "true/false"):
        return ""
    bars = "".join(
        f'<rect x="{place * BAR}" y="{HEIGHT * (1 - count / most):.1f}" width="{BAR - 2}" '
        f'height="{HEIGHT * count / most:.1f}"><title>{count:,} cells</title></rect>'
        for place, count in enumerate(shown.counts)
    )
    width = max(len(shown.counts) * BAR, 10 * BAR)
    outside = f'<p class="soft">{shown.outside:,} cells beyond the ends</p>' if shown.outside else ""
    return (
        f'<figure style="width:{width}px"><svg viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        f'role="img" aria-label="Histogram">{bars}</svg>'
        f"<figcaption><span>{text(shown.low)}</span><span>{text(shown.high)}</span></figcaption></figure>{outside}"
    )


def _top(column: ColumnProfile) -> str:
    present = column.rows - column.missing
    lines = (
        f'<tr><th>{text(value)}</th><td class="bar"><i style="width:{cells / present:.1%}"></i></td>'
        f'<td class="n">{cells:,}</td><td class="n">{share_text(cells / present)}</td></tr>'
        for value, cells in column.top
    )
    return f'<table class="ranked">{"".join(lines)}</table>'
