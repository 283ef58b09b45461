"""How fast a table is profiled beside other profilers: `python -m tests.bench.peers PYTHON_OF_THE_PEERS`.

Both sides run by turns on the same machine and file. ydata-profiling takes minutes and runs once. The card fraud file
is the one that SAGEDECK_CARD_FRAUD names or that lies beside the project, otherwise the generated table of its size.
"""

import gzip
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pandas as pd

from services.data.division.partition import SplitPlan
from services.data.profiling import profile, profile_report, report_html, table_profile
from services.data.profiling.duplicates import duplicates
from services.data.reading import file_reader
from services.data.table_sources import sources
from tests.bench.__main__ import figure, seconds
from tests.local_service import SHARED

TURNS = {"duckdb": 3, "skrub": 3, "ydata": 1}
TARGET = "Class"


def card_fraud(folder: Path) -> Path:
    """The card fraud table as a plain CSV file."""
    path = folder / "creditcard.csv"
    given = sources.card_fraud_path() or SHARED / "creditcard.csv.gz"
    if given.suffix == ".gz" and given.exists():
        with gzip.open(given) as packed, path.open("wb") as plain:
            shutil.copyfileobj(packed, plain)
        return path
    table = file_reader.read(given).frame if given.exists() else sources.generated()
    table.to_csv(path, index=False)
    return path


def peer(python: str, name: str, path: Path) -> float:
    """Seconds that a peer takes."""
    script = Path(__file__).with_name("peer_profiles.py")
    done = subprocess.run([python, str(script), name, str(path)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def first_numbers(frame: pd.DataFrame) -> None:
    """What stands above the Data page before anything is chosen, duplicates among it."""
    profile.overview(frame)
    duplicates(frame)


def report(frame: pd.DataFrame) -> None:
    """The whole report: every column, duplicates, correlations and the associations with the target, as HTML."""
    made = profile_report.profile_report(frame, TARGET, SplitPlan())
    report_html.as_html(made, "bench", datetime.now(UTC))


def summary(path: Path) -> None:
    """Every column of a file, reading included."""
    table_profile.table_profile(file_reader.read(path).frame)


def main(python: str) -> None:
    """All measures, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        path = card_fraud(Path(folder))
        frame = file_reader.read(path).frame
        figure("first_numbers_s", median(seconds(lambda: first_numbers(frame)) for _ in range(3)), "s")
        ours = {"duckdb": lambda: summary(path), "skrub": lambda: report(frame), "ydata": lambda: report(frame)}
        for name, turns in TURNS.items():
            pairs = [(seconds(ours[name]), peer(python, name, path)) for _ in range(turns)]
            own, other = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
            print(f"profile_vs_{name}: {own:.3g} s over {other:.3g} s", file=sys.stderr)
            figure(f"profile_vs_{name}", own / other)


if __name__ == "__main__":
    main(sys.argv[1])
