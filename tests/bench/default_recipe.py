"""How good models are that learn from what the Data page prepares by default, beside one-hot encoding by hand.

Both sides have the same rows, the same trees and the same settings: what differs is what became of the columns.
"""

from collections.abc import Iterable, Sequence
from statistics import mean

import pandas as pd
import xgboost
from sklearn.metrics import roc_auc_score

from services.data import split as data_split
from services.data.preparation_plan import PreparationPlan
from services.data.recipe import column_types
from services.training.plan import TUTORIAL_SETTINGS
from tests.local_service import SHARED

CHURN = SHARED / "telco-customer-churn.csv"


def bank_marketing() -> tuple[pd.DataFrame, str, str]:
    """Calls of a bank, with the length of the call, which is known only afterwards."""
    return pd.read_csv(SHARED / "bank-additional-full.csv", sep=";"), "y", "yes"


def bank_marketing_beforehand() -> tuple[pd.DataFrame, str, str]:
    """The same without the length of the call."""
    frame, target, positive = bank_marketing()
    return frame.drop(columns="duration"), target, positive


def churn() -> tuple[pd.DataFrame, str, str]:
    """Customers of a telephone company; one by hand reads TotalCharges as numbers and drops the identifier."""
    return pd.read_csv(CHURN), "Churn", "Yes"


TABLES = {"auc_bank": bank_marketing, "auc_bank_beforehand": bank_marketing_beforehand, "auc_churn": churn}


def difference(frame: pd.DataFrame, target: str, positive: str, seeds: Iterable[int]) -> float:
    """The mean over `seeds` of the area under the ROC curve on the test rows, the default's less that by hand."""
    uses = column_types.column_uses(frame.drop(columns=target))
    by_hand = one_hot(frame.drop(columns=target))
    gained = []
    for seed in seeds:
        plan = PreparationPlan()
        plan = plan.model_copy(update={"split": plan.split.model_copy(update={"seed": seed})})
        tables = data_split.split(frame, target, positive, **plan.options(uses)).tables
        ours = area(tables["train"], tables["test"])
        plain = [pd.concat([tables[name][target], by_hand.loc[tables[name].index]], axis=1) for name in tables]
        gained.append(ours - area(plain[0], plain[2]))
    return mean(gained)


def one_hot(features: pd.DataFrame) -> pd.DataFrame:
    """Every text column with as many columns as it has values; text of numbers as numbers, identifiers left out."""
    columns = []
    for name in features:
        values = features[name]
        if not pd.api.types.is_numeric_dtype(values):
            numbers = pd.to_numeric(values, errors="coerce")
            if numbers.notna().mean() > 0.9:
                values = numbers
            elif values.nunique() == len(values):
                continue
        columns.append(values)
    return pd.get_dummies(pd.concat(columns, axis=1), dtype=float)


def area(train: pd.DataFrame, test: pd.DataFrame) -> float:
    """The area under the ROC curve on `test` of a model of `train`, with the settings that Train begins with."""
    settings: dict[str, object] = {**TUTORIAL_SETTINGS, "nthread": 2}
    rounds = int(str(settings.pop("num_round")))
    model = xgboost.train(settings, matrix(train), rounds)
    return float(roc_auc_score(test.iloc[:, 0], model.predict(matrix(test))))


def matrix(table: pd.DataFrame) -> xgboost.DMatrix:
    """A table with the target first, as XGBoost reads it from a file: columns without names."""
    return xgboost.DMatrix(table.iloc[:, 1:].to_numpy(float), table.iloc[:, 0].to_numpy(float))


def differences(seeds: Sequence[int]) -> dict[str, float]:
    """By name, of every table that is beside the project."""
    if not CHURN.exists():
        return {}
    return {name: difference(*read(), seeds) for name, read in TABLES.items()}
