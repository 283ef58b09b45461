"""The demonstration's tables: who pays, who leaves, who repays; made from a seed, the same every time."""

from io import BytesIO

import numpy as np

from services.local.demo.account import DemoAccount
from services.local.protocol.identity import BUCKET

SEED = 20_260_801
# Rows of a split, features, and the share of label 1.
TABLES = {
    "fraud": (3_000, 12, 0.03),
    "churn": (2_000, 8, 0.2),
    "credit": (2_500, 10, 0.1),
    "credit-history": (40_000, 20, 0.1),
}


def table(rows: int, columns: int, share: float, seed: int) -> np.ndarray:
    """(rows, 1 + columns): a label with `share` of ones, and features of which the first half tell something of it."""
    draw = np.random.default_rng(seed)
    features = draw.normal(size=(rows, columns))
    signal = features[:, : columns // 2].sum(axis=1) + draw.normal(size=rows)
    label = signal > np.quantile(signal, 1 - share)
    return np.column_stack([label, features])


def csv(values: np.ndarray) -> bytes:
    """CSV without header."""
    written = BytesIO()
    np.savetxt(written, values, fmt="%.5g", delimiter=",")
    return written.getvalue()


def upload_all(account: DemoAccount) -> None:
    """Every table's splits in the default bucket, and what its jobs score."""
    objects = account.service.objects
    objects.create_bucket(BUCKET)
    for number, (name, shape) in enumerate(TABLES.items()):
        for offset, split in enumerate(("train", "validation")):
            made = csv(table(*shape, SEED + 10 * number + offset))
            objects.put_bytes(BUCKET, f"demo/{name}/{split}/data.csv", made)
        objects.put_bytes(BUCKET, f"demo/{name}/batch/data.csv", csv(requests(name, 500)))
    objects.put_bytes(BUCKET, "demo/credit/torn/model.tar.gz", b"an upload that was cut short")


def requests(name: str, rows: int) -> np.ndarray:
    """(rows, columns) of features to score."""
    _, columns, share = TABLES[name]
    return table(rows, columns, share, SEED + 99)[:, 1:]


def s3_uri(name: str, what: str) -> str:
    """Where it is in S3."""
    return f"s3://{BUCKET}/demo/{name}/{what}"
