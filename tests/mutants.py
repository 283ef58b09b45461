"""How many mutants of the pure cores the tests kill, from what `mutmut run` left behind; used by `make mutants`.

A mutant is excused where `mutants_excused.toml` says why no test can tell it from the original.
"""

import json
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXCUSED = Path(__file__).with_suffix("").with_name("mutants_excused.toml")
KILLED = {1, 3, 36, 24, 152, 255, -24}  # exit codes of pytest, those of a test that never ended among them
AT_LEAST_KILLED, AT_MOST_EXCUSED = 90.0, 3.0  # percent


@dataclass(frozen=True)
class Mutant:
    """One change of a function; `change` is its lines as they became."""

    name: str
    change: str
    exit_code: int | None

    @property
    def function(self) -> str:
        """ "services.pricing.rates.total", or with its class "services.evaluation.metrics.Scored.at"."""
        module, _, rest = self.name.partition(".x")
        return f"{module}.{rest.partition('__mutmut_')[0].removeprefix('_').strip('ǁ').replace('ǁ', '.')}"


def mutants(root: Path = ROOT) -> Iterator[Mutant]:
    """Every mutant of the last run, core by core."""
    for meta in sorted((root / "mutants").rglob("*.py.meta")):
        source = meta.with_suffix("")
        lines = source.read_text().splitlines()
        spans = json.loads(source.with_suffix(".py.spans").read_text())["spans"]
        for name, exit_code in json.loads(meta.read_text())["exit_code_by_key"].items():
            begin, end = spans[(own := name.rpartition(".")[2])]
            first, last = spans[f"{own.rpartition('_')[0]}_orig"]
            changed = [
                line[1:].strip() for line in unified_diff(lines[first:last], lines[begin:end], n=0) if line[0] == "+"
            ]
            yield Mutant(name, " ".join(line for line in changed if line != "++" and own not in line), exit_code)


def is_excused(mutant: Mutant, excuses: list[dict[str, str]]) -> bool:
    """Whether a reason stands for exactly this change of this function."""
    return any(excuse["function"] == mutant.function and excuse["change"] in mutant.change for excuse in excuses)


def main() -> int:
    """Print the figures and the survivors; 1 when too few were killed, or too many are excused."""
    found = list(mutants())
    excuses = tomllib.loads(EXCUSED.read_text())["excused"]
    living = [mutant for mutant in found if mutant.exit_code not in KILLED]
    survivors = [mutant for mutant in living if not is_excused(mutant, excuses)]
    for mutant in survivors:
        print(f"{mutant.name}: {mutant.change}")
    killed = 100 * (1 - len(living) / len(found))
    excused = 100 * (len(living) - len(survivors)) / len(found)
    print(f"mutants_killed {killed:.1f} percent\nmutants_excused {excused:.1f} percent")
    return int(killed < AT_LEAST_KILLED or excused > AT_MOST_EXCUSED)


if __name__ == "__main__":
    sys.exit(main())
