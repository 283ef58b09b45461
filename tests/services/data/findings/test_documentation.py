"""docs/findings.md explains every kind of finding and every button."""

from pathlib import Path

from services.data.findings.finding import FindingKind

PAGE = Path(__file__).parents[4] / "docs" / "findings.md"


def test_every_kind_of_finding_is_explained_in_the_order_of_the_screen() -> None:
    rows = [line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("|")]
    assert rows[2:] == list(map(str, FindingKind))
