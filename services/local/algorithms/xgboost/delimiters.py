"""Which character separates the cells of CSV: the container asks Python's csv.Sniffer, and so does this.

It looks at the first line alone: of a request, or of one file of a channel.
Source: aws/sagemaker-xgboost-container, June 2026.
"""

import csv

from services.local.algorithms.data_files import DataFile, UserError, first_line

QUOTES = "\"'"
LOOKED_AT = 512  # characters of a request's first line


def of_request(line: str) -> str:
    """That of a request's first line. Raises ValueError when it cannot be told."""
    return _sniffed(line[:LOOKED_AT])


def of_file(file: DataFile) -> str:
    """Raises UserError when it cannot be told."""
    line = first_line(file.path)
    try:
        return _sniffed(line)
    except ValueError:
        raise UserError(
            f"{file}: the delimiter cannot be told from the first line ({line[:80]}). Separate the cells by commas."
        ) from None


def _sniffed(line: str) -> str:
    if "," in line and not {*line} & {*QUOTES}:  # what the Sniffer prefers where nothing is quoted, and takes long for
        return ","
    try:
        delimiter = csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        raise ValueError(str(error)) from None
    if not delimiter.isascii() or delimiter in '\r"':
        raise ValueError("Could not determine delimiter")
    return "," if delimiter.isalnum() else delimiter  # of a single number, its most frequent digit
