"""Prepared sets of several classes and of numbers, written as preparing leaves them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from services.aws import s3
from services.aws.account import Account
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.data.recipe import recipe as recipes
from services.data.recipe.recipe import AnyStep
from services.data.target_kind import TargetKind
from tests.local.factories import unique
from tests.services.training_factory import WHEN

CLASSES = ("low", "middle", "high")
SETTINGS: Mapping[TargetKind, Mapping[str, str]] = {
    TargetKind.CLASSES: {"objective": "multi:softprob", "num_class": "3", "num_round": "5", "eval_metric": "mlogloss"},
    TargetKind.NUMBER: {"objective": "reg:squarederror", "num_round": "5", "eval_metric": "rmse"},
}


def make_kind(account: Account, kind: TargetKind, rows: int = 2000) -> PreparedData:
    """A set whose target follows its first feature."""
    random = np.random.default_rng(rows)
    frame = pd.DataFrame(random.normal(size=(rows, 3)).round(6), columns=["size", "age", "weight"])
    noisy = frame["size"] + random.normal(size=rows) / 2
    labels = np.digitize(noisy, (-0.5, 0.9)) if kind is TargetKind.CLASSES else (3 * noisy + 10).round(6)
    return write_set(account, unique("cells"), frame, np.asarray(labels), CLASSES if kind is TargetKind.CLASSES else ())


def write_set(
    account: Account,
    name: str,
    frame: pd.DataFrame,
    labels: np.ndarray,
    classes: tuple[str, ...],
    steps: tuple[AnyStep, ...] = (),
) -> PreparedData:
    """70, 20 and 10 % of shuffled rows; `labels` are places in `classes`, or numbers where there are none."""
    order = np.random.default_rng(1729).permutation(len(frame))
    cuts = np.split(order, [int(0.7 * len(frame)), int(0.9 * len(frame))])
    places = dict(zip(prepared_data.SPLITS, cuts, strict=True))
    recipe = None
    parts = {split: frame.iloc[rows] for split, rows in places.items()}
    if steps:
        recipe, _ = recipes.fit(steps, parts["train"], labels[places["train"]], 1729)
        parts = {split: recipe.apply(part, "Features") for split, part in parts.items()}
    data = PreparedData(
        name=name,
        address=prepared_data.home(account) / name,
        source="a test",
        target="rating",
        classes=classes,
        features=tuple(parts["train"].columns),
        rows={split: len(rows) for split, rows in places.items()},
        positives={},
        seed=1729,
        created=WHEN,
        has_recipe=recipe is not None,
        kind=TargetKind.CLASSES if classes else TargetKind.NUMBER,
        class_rows={
            split: tuple(np.bincount(labels[rows].astype(int), minlength=len(classes)).tolist())
            for split, rows in places.items()
            if classes
        },
    )
    s3.ensure_bucket(account, data.address.bucket)
    for split, part in parts.items():
        table = pd.concat([pd.Series(labels[places[split]], part.index, name="_label"), part], axis=1)
        at = data.file(split)
        account.call("s3", "put_object", Bucket=at.bucket, Key=at.key, Body=table.to_csv(header=False, index=False))
    if recipe:
        prepared_data.save_recipe(account, data.address, recipe)
    prepared_data.save_manifest(account, data)
    return data
