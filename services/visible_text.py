"""Text of others, e.g. of an account or a table, as it may stand among our own."""

import re
import unicodedata


def is_hidden(character: str) -> bool:
    """Whether it is invisible or turns the order of others, e.g. a bidirectional control; white space is neither."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and not character.isspace()


def visible(text: object) -> str:
    """`text` with every hidden character as its code point: "<U+202E>"."""
    return "".join(f"<U+{ord(each):04X}>" if is_hidden(each) else each for each in str(text))


def inline_code(text: object) -> str:
    """`text` on one line as code in Markdown, whatever is in it; empty text stays empty."""
    line = re.sub(r"\s+", " ", visible(text))
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if "`" in line else ""
    return f"{fence}{space}{line}{space}{fence}" if line.strip() else ""
