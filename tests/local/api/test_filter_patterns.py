"""Which lines a filter pattern of CloudWatch Logs finds."""

import pytest

from services.local.api.filter_patterns import compile_pattern
from services.local.protocol.wire import ServiceError

LINES = ("[ERROR 400] BAD REQUEST", "[INFO] REQUEST FAILED", "[ERROR 419] MISSING ARGUMENTS", '{"a": "b\\c"}')


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", "0123"),
        ("  ", "0123"),
        ("ERROR", "02"),
        ("error", ""),
        ("REQUEST ERROR", "0"),
        ("ERROR -REQUEST", "2"),
        ("-ERROR", "13"),
        ("?FAILED ?MISSING", "12"),
        ("?ERROR ?ARGUMENTS REQUEST", "01"),
        ("?ERROR -REQUEST", "23"),
        ('"BAD REQUEST"', "0"),
        ('"ERROR 4"', "02"),
        ('-"[ERROR"', "13"),
        ('?"BAD REQUEST" ?"MISSING ARG"', "02"),
        (r'"\"a\""', "3"),
        (r'"b\\c"', "3"),
        (r"%ERROR\s4[01]\d%", "02"),
        (r"%\d{3}%", "02"),
        ("%^.INFO%", "1"),
        ("%BAD|FAILED%", "01"),
    ],
)
def test_a_pattern_finds_its_lines(pattern: str, found: str) -> None:
    matches = compile_pattern(pattern)
    assert "".join(str(number) for number, line in enumerate(LINES) if matches(line)) == found


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ('{ $.level = "ERROR" }', "JSON filter patterns are not offered on this computer"),
        ("[ip, user, ...]", "Space-delimited filter patterns are not offered on this computer"),
        ("validation-auc", r"Invalid character\(s\) in term '-'"),
        ("status: 500", r"Invalid character\(s\) in term ':'"),
        ('"never closed', "Invalid character"),
        ("?", "Invalid character"),
        ("%(a|b)%", "Invalid regular expression"),
        ("%a b%", "Invalid regular expression"),
        ("%open", "Invalid regular expression"),
        ("%%", "Invalid regular expression"),
        ("%[a%", "Invalid regular expression"),
    ],
)
def test_another_pattern_is_refused(pattern: str, sentence: str) -> None:
    with pytest.raises(ServiceError, match=sentence) as refused:
        compile_pattern(pattern)
    assert refused.value.code == "InvalidParameterException"
