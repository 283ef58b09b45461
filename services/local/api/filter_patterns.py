"""The filter patterns of CloudWatch Logs that search lines of text.

Source: CloudWatch Logs user guide, "Filter pattern syntax" (unstructured log events, supported regular expressions).
Patterns for JSON and space-delimited events are refused by name: nothing here logs such lines.
"""

import re
from collections.abc import Callable

from services.local.protocol.wire import ServiceError

Match = Callable[[str], bool]
_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))')
_REGEX = re.compile(r"[A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.]+")  # the characters that AWS supports
_OTHER_FORMS = {"{": "JSON", "[": "Space-delimited"}


def compile_pattern(pattern: str) -> Match:
    """Whether a line matches: `a b` (both), `?a ?b` (one of them), `-a` (not), `"a phrase"`, `%a regex%`.

    `?` terms count for nothing beside other terms. Raises ServiceError.
    """
    pattern = pattern.strip()
    if form := _OTHER_FORMS.get(pattern[:1]):
        raise _invalid(f"{form} filter patterns are not offered on this computer. Search for words instead.")
    if pattern.startswith("%"):
        return _regex(pattern)
    terms = _terms(pattern)
    required, excluded, optional = ([term for sign, term in terms if sign == wanted] for wanted in ("", "-", "?"))
    if optional and not (required or excluded):
        return lambda line: any(term in line for term in optional)
    return lambda line: all(term in line for term in required) and not any(term in line for term in excluded)


def _terms(pattern: str) -> list[tuple[str, str]]:
    """(sign, text) of each term."""
    found, end = list[tuple[str, str]](), 0
    while end < len(pattern):
        match = _TERM.match(pattern, end)
        if not match:
            raise _invalid(f"Invalid character(s) in term '{pattern[end:].strip()[:1]}'")
        sign, quoted, plain = match.groups()
        if plain and (other := re.search(r"[^A-Za-z0-9_]", plain)):
            raise _invalid(f"Invalid character(s) in term '{other[0]}'")
        found.append((sign, plain or re.sub(r"\\(.)", r"\1", quoted)))
        end = match.end()
    return found


def _regex(pattern: str) -> Match:
    inner = pattern[1:-1]
    if len(pattern) < 3 or not pattern.endswith("%") or not _REGEX.fullmatch(inner):
        raise _invalid(f"Invalid regular expression in filter pattern {pattern}")
    try:
        compiled = re.compile(inner)
    except re.error as fault:
        raise _invalid(f"Invalid regular expression in filter pattern {pattern}: {fault}") from None
    return lambda line: compiled.search(line) is not None


def _invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)
