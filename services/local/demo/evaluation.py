"""What the demonstration's models learned from: a prepared set of each table, and its name beside each model."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np

from services.local.demo.account import DemoAccount
from services.local.demo.data import SEED, TABLES, csv, s3_uri, table
from services.local.protocol.identity import BUCKET
from services.local.store.resources import ResourceType

TARGETS = {
    "fraud": ("payment", ("legitimate", "fraud")),
    "churn": ("customer", ("stays", "leaves")),
    "credit": ("outcome", ("repaid", "default")),
}  # of each table the target column and its classes, by label
SPLITS = ("train", "validation", "test")


def prepared_sets(account: DemoAccount) -> None:
    """A set of each table whose rows jobs learned from, and test rows that none of them has seen."""
    account.ago(days=21)
    for number, (name, shape) in enumerate(TABLES.items()):
        if name in TARGETS:
            parts = {split: table(*shape, SEED + 10 * number + offset) for offset, split in enumerate(SPLITS)}
            for split, rows in parts.items():
                _put(account, f"{_set(name)}/{split}/data.csv", csv(rows))
            _put_json(account, f"{_set(name)}/manifest.json", _manifest(account, name, parts))


def attachments(account: DemoAccount) -> None:
    """Beside each model the name of its set, as the Evaluate page keeps it."""
    for job in account.service.resources.with_status(ResourceType.TRAINING_JOB, "Completed"):
        uri = job["ModelArtifacts"]["S3ModelArtifacts"]
        project = uri.removeprefix(f"s3://{BUCKET}/demo/").partition("/")[0]
        key = uri.removeprefix(f"s3://{BUCKET}/").removesuffix("model.tar.gz") + "model-data.json"
        _put_json(account, key, {"version": 1, "data": f"demo-{project}", "columns": None, "attached": _now(account)})


def _manifest(account: DemoAccount, name: str, parts: dict[str, np.ndarray]) -> dict[str, Any]:
    target, classes = TARGETS[name]
    counts = {split: np.bincount(rows[:, 0].astype(int), minlength=2).tolist() for split, rows in parts.items()}
    return {
        "version": 1,
        "name": f"demo-{name}",
        "source": s3_uri(name, ""),
        "target": target,
        "classes": classes,
        "features": [f"feature_{number}" for number in range(1, TABLES[name][1] + 1)],
        "rows": {split: sum(rows) for split, rows in counts.items()},
        "positives": {split: rows[1] for split, rows in counts.items()},
        "class_rows": counts,
        "seed": SEED,
        "created": _now(account),
        "missing_cells": {},
    }


def _now(account: DemoAccount) -> str:
    return datetime.fromtimestamp(account.calendar(), UTC).isoformat()


def _set(name: str) -> str:
    return f"sagedeck/data/demo-{name}"


def _put(account: DemoAccount, key: str, body: bytes) -> None:
    account.service.objects.put_bytes(BUCKET, key, body)


def _put_json(account: DemoAccount, key: str, document: dict[str, Any]) -> None:
    _put(account, key, json.dumps(document, indent=2).encode() + b"\n")
