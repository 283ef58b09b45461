"""The tables of docs/local-service.md that tell what XGBoost's container reads and answers."""

from tests.local_service import PROJECT

TEXT = (PROJECT / "docs" / "local-service.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without code marks; line's ends and tabs as characters."""
    lines = TEXT.partition(f"#### {heading}\n")[2].splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith("|---"))
    table = lines[begin + 1 : lines.index("", begin)]
    return [[_text(cell) for cell in line.replace("\\|", "\0").split("|")[1:-1]] for line in table]


def _text(cell: str) -> str:
    return cell.replace("\0", "|").replace("`", "").strip().replace("\\n", "\n").replace("\\t", "\t")
