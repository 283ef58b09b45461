"""How long other profilers take for a CSV file; run by `peers.py` in their environment, not in SageDeck's.

`python peer_profiles.py PEER FILE` prints seconds: of the profile alone, but for DuckDB, which reads the file, too.
"""

import contextlib
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path


def duckdb(path: str) -> Callable[[], object]:
    """SUMMARIZE of the file."""
    import duckdb

    return lambda: duckdb.execute("SUMMARIZE SELECT * FROM read_csv(?)", [path]).fetchall()


def skrub(path: str) -> Callable[[], object]:
    """The HTML page of TableReport with all it can show; as it comes it leaves out much of tables this wide."""
    import pandas
    import skrub

    frame = pandas.read_csv(path)
    return lambda: skrub.TableReport(frame, verbose=0, plot_distributions=True, compute_associations=True).html()


def ydata(path: str) -> Callable[[], object]:
    """The HTML page of ProfileReport in its fastest mode, which leaves out correlations and duplicates."""
    import pandas
    from ydata_profiling import ProfileReport

    frame = pandas.read_csv(path)
    return lambda: ProfileReport(frame, minimal=True, progress_bar=False).to_html()


PEERS = {"duckdb": duckdb, "skrub": skrub, "ydata": ydata}


def main() -> None:
    """Print the seconds; whatever a peer prints itself is dropped."""
    warnings.simplefilter("ignore")
    with (
        Path(os.devnull).open("w") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        work = PEERS[sys.argv[1]](sys.argv[2])
        began = time.perf_counter()
        work()
        took = time.perf_counter() - began
    print(took)


if __name__ == "__main__":
    main()
