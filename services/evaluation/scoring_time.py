"""How long scoring will probably take: enough to choose a scoring method by. Pure.

Rates of an ordinary computer and of the smallest instances; what really passes depends on trees, network and load.
"""

LOADING = 4.0  # seconds until XGBoost is imported and the model and the rows are read
CELLS_A_SECOND = 10e6  # that a model of some hundred trees scores on this computer
BYTES_A_CELL = 10  # of CSV
SENT_A_SECOND = 5e6  # bytes that an endpoint answers, with four requests at a time
STARTING = 240.0  # seconds until the instance of a batch transform job on AWS has started


def of_file(rows: int, columns: int) -> float:
    """Seconds that the model's file takes on this computer."""
    return LOADING + rows * columns / CELLS_A_SECOND


def of_endpoint(rows: int, columns: int) -> float:
    """Seconds that an endpoint takes."""
    return 1 + rows * columns * BYTES_A_CELL / SENT_A_SECOND


def of_batch(rows: int, columns: int) -> float:
    """Seconds that a batch transform job on AWS takes, most of which its instance needs to start."""
    return STARTING + rows * columns * BYTES_A_CELL / SENT_A_SECOND
