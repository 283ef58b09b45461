"""How many mutants of the pure cores the tests kill, from what `mutmut run` left behind; used by `make mutants`.

A mutant is excused where `mutants_excused.toml` says why no test can tell it from the original.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).parents[1]
KILLED = {1, 3, 24, 36, 152, 255, -24}  # exit codes of failed tests, and of tests that never ended
LEAST_KILLED, MOST_EXCUSED = 90.0, 3.0  # percent


@dataclass(frozen=True)
class Mutant:
    """One change of a function; `lines` is what it became."""

    name: str
    lines: str
    killed: bool

    @property
    def function(self) -> str:
        """ "services.pricing.rates.total", or with its class "services.evaluation.metrics.Scored.at"."""
        module, _, rest = self.name.partition(".x")
        return f"{module}.{rest.partition('__mutmut_')[0].removeprefix('_').strip('ǁ').replace('ǁ', '.')}"


@dataclass(frozen=True)
class Excuse:
    """Why no test can tell the mutants of `function` that hold one of `changes` from the original."""

    function: str
    changes: tuple[str, ...]
    reason: str

    def holds_for(self, mutant: Mutant) -> bool:
        """Whether it excuses the mutant."""
        return self.function == mutant.function and any(change in mutant.lines for change in self.changes)


def excuses(root: Path = ROOT) -> list[Excuse]:
    """The excuses that are written down."""
    entries = tomllib.loads((root / "tests" / "mutants_excused.toml").read_text())["excused"]
    return [Excuse(entry["function"], tuple(entry["changes"]), entry["reason"]) for entry in entries]


def mutants(root: Path = ROOT) -> Iterator[Mutant]:
    """Every mutant of the last run, core by core."""
    for results in sorted((root / "mutants").rglob("*.py.meta")):
        source = results.with_suffix("")
        text = source.read_text().splitlines()
        spans = json.loads(source.with_suffix(".py.spans").read_text())["spans"]
        for name, exit_code in json.loads(results.read_text())["exit_code_by_key"].items():
            own = name.rpartition(".")[2]
            original, changed = (text[slice(*spans[each])] for each in (f"{own.rpartition('_')[0]}_orig", own))
            added = [line[1:].strip() for line in unified_diff(original, changed, n=0) if line.startswith("+")]
            yield Mutant(name, " ".join(line for line in added[1:] if own not in line), exit_code in KILLED)


def report(found: Sequence[Mutant], excused_by: Sequence[Excuse]) -> tuple[list[str], bool]:
    """Survivors, useless excuses and figures, a line each; and whether they are good enough."""
    alive = [mutant for mutant in found if not mutant.killed]
    survivors = [mutant for mutant in alive if not any(excuse.holds_for(mutant) for excuse in excused_by)]
    useless = [excuse for excuse in excused_by if not any(excuse.holds_for(mutant) for mutant in alive)]
    killed = 100 * (len(found) - len(alive)) / len(found)
    excused = 100 * (len(alive) - len(survivors)) / len(found)
    lines = [
        *(f"survived {mutant.name}: {mutant.lines}" for mutant in survivors),
        *(f"excuses nothing {excuse.function}: {excuse.changes}" for excuse in useless),
        f"mutants_killed {killed:.1f} percent",
        f"mutants_excused {excused:.1f} percent",
    ]
    return lines, killed >= LEAST_KILLED and excused <= MOST_EXCUSED and not useless


if __name__ == "__main__":
    lines, good = report(list(mutants()), excuses())
    print(*lines, sep="\n")
    sys.exit(not good)
