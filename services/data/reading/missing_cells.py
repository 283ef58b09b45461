"""Which cells of a CSV file mean that a value is missing."""

BLANKS = frozenset(" " * length for length in range(33)) | {"\t"}
CLEAR = frozenset(["NaN", "nan", "-NaN", "-nan", "NULL", "null", "<NA>", "#N/A", "#N/A N/A", "#NA"])
INDEFINITE = frozenset(["1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"])  # as Microsoft's libraries write NaN
WORDS = ("NA", "N/A", "n/a", "None")  # missing among numbers and dates; among words they may be a class
TEXT_MISSING = BLANKS | CLEAR | INDEFINITE
NUMBER_MISSING = TEXT_MISSING | frozenset(WORDS)
HELP = (
    "An empty cell, NaN, nan, NULL, null, <NA> and #N/A mean a missing value. In columns of numbers and dates, NA, "
    "N/A, n/a and None do, too; in columns of text they stay text, and the form below proposes which of them to take "
    "for missing"
)


def of_arrow() -> list[str]:
    """NUMBER_MISSING as Arrow needs it: it compares cells as they stand, with the spaces around them."""
    words = NUMBER_MISSING - BLANKS
    return [*BLANKS, *words, *(f" {word}" for word in words), *(f"{word} " for word in words)]
