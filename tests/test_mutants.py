"""What `make mutants` says of the mutants that it made."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from tests.mutants import Excuse, Mutant, excuses, mutants, report

SOURCE = """\
def x_total__mutmut_orig(a, b):
    return a + b
def x_total__mutmut_1(a, b):
    return a - b
def xǁBookǁtotal__mutmut_orig(self, a):
    return a
def xǁBookǁtotal__mutmut_1(self, a):
    return None
"""


def of(killed: int, alive: int) -> list[Mutant]:
    return [Mutant(f"m.x_f__mutmut_{number}", "a - b", number < killed) for number in range(killed + alive)]


def test_a_mutant_is_its_function_what_became_of_it_and_whether_it_was_killed(tmp_path: Path) -> None:
    source = tmp_path / "mutants" / "m.py"
    source.parent.mkdir()
    source.write_text(SOURCE)
    names = ["x_total__mutmut_orig", "x_total__mutmut_1", "xǁBookǁtotal__mutmut_orig", "xǁBookǁtotal__mutmut_1"]
    spans = {name: [2 * place, 2 * place + 2] for place, name in enumerate(names)}
    source.with_suffix(".py.spans").write_text(json.dumps({"spans": spans}))
    results = {"m.x_total__mutmut_1": 0, "m.xǁBookǁtotal__mutmut_1": 1}
    source.with_suffix(".py.meta").write_text(json.dumps({"exit_code_by_key": results}))

    found = [(mutant.function, mutant.lines, mutant.killed) for mutant in mutants(tmp_path)]

    assert found == [("m.total", "return a - b", False), ("m.Book.total", "return None", True)]


@pytest.mark.parametrize(("killed", "alive", "good"), [(90, 10, True), (89, 11, False)])
def test_less_than_90_percent_killed_is_too_little(killed: int, alive: int, good: bool) -> None:
    lines, enough = report(of(killed, alive), [])
    assert enough is good
    assert lines[-2:] == [f"mutants_killed {killed}.0 percent", "mutants_excused 0.0 percent"]
    assert lines[0] == f"survived m.x_f__mutmut_{killed}: a - b"


@pytest.mark.parametrize(("alive", "good"), [(3, True), (4, False)])
def test_more_than_3_percent_excused_are_too_many(alive: int, good: bool) -> None:
    lines, enough = report(of(100 - alive, alive), [Excuse("m.f", ("a - b",), "of no effect")])
    assert (len(lines), enough) == (2, good)


def test_an_excuse_for_nothing_is_told() -> None:
    lines, enough = report(of(100, 0), [Excuse("m.f", ("a - b",), "of no effect")])
    assert (lines[0], enough) == ("excuses nothing m.f: ('a - b',)", False)


def test_every_excuse_has_a_reason_and_a_function_that_exists() -> None:
    for excuse in excuses():
        assert excuse.reason
        package, _, last = excuse.function.rpartition(".")
        module, kind = (package, "") if not package.rpartition(".")[2][:1].isupper() else package.rsplit(".", 1)
        owner = import_module(module)
        assert callable(getattr(getattr(owner, kind) if kind else owner, last))
