"""Tables for the notebooks of docs/notebooks: the real ones where they are, else generated ones of the same columns."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer

from tests.local_service import SHARED

SEED = 1729


def abalone(folder: Path) -> Path:
    """The shells without header: sex, seven sizes and weights, rings."""
    real = SHARED / "abalone.csv"
    return _write(pd.read_csv(real) if real.exists() else _shells(3000), folder / "abalone.csv", header=False)


def churn(folder: Path) -> Path:
    """The telephone company's customers with header."""
    real = SHARED / "telco-customer-churn.csv"
    return real if real.exists() else _write(_customers(4000), folder / "churn.csv")


def bank(folder: Path) -> Path:
    """The bank's calls with header, semicolons between the cells."""
    real = SHARED / "bank-additional-full.csv"
    return real if real.exists() else _write(_calls(8000), folder / "bank-additional-full.csv", sep=";")


def cancer(folder: Path) -> Path:
    """The samples without header: identifier, M or B, 30 measurements. The identifiers are made up."""
    table = load_breast_cancer(as_frame=True)
    samples = table.data.round(4)
    samples.insert(0, "diagnosis", np.where(table.target == 0, "M", "B"))
    samples.insert(0, "id", np.random.default_rng(SEED).permutation(np.arange(len(samples))) + 842_302)
    return _write(samples, folder / "wdbc.csv", header=False)


def _shells(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(SEED)
    sex = random.choice(["F", "M", "I"], rows)
    size = np.where(sex == "I", 0.4, 0.58) * random.uniform(0.6, 1.4, rows)
    columns = {name: (size * share).round(3) for name, share in {"length": 1, "diameter": 0.8, "height": 0.27}.items()}
    weights = {"whole_weight": 4.8, "shucked_weight": 2, "viscera_weight": 1, "shell_weight": 1.3}
    columns |= {name: (share * size**3 * random.uniform(0.8, 1.2, rows)).round(4) for name, share in weights.items()}
    rings = (np.where(sex == "I", 4, 5) + 11 * size + random.normal(0, 1.2, rows)).round().clip(1).astype(int)
    return pd.DataFrame({"sex": sex, **columns, "rings": rings})


def _customers(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(SEED)
    tenure, monthly = random.integers(0, 73, rows), random.uniform(18, 119, rows).round(2)
    contract = random.choice(["Month-to-month", "One year", "Two year"], rows, p=[0.55, 0.21, 0.24])
    internet = random.choice(["DSL", "Fiber optic", "No"], rows)
    odds = (
        3 * (contract == "Month-to-month") + (internet == "Fiber optic") - tenure / 12 + random.logistic(0, 0.5, rows)
    )
    total = np.where(tenure == 0, " ", (tenure * monthly).round(2).astype(str))
    yes_or_no = {name: random.choice(["Yes", "No"], rows) for name in ("Partner", "Dependents", "PaperlessBilling")}
    return pd.DataFrame(
        {
            "customerID": [f"{number:04}-MADE" for number in range(rows)],
            **yes_or_no,
            "tenure": tenure,
            "InternetService": internet,
            "Contract": contract,
            "MonthlyCharges": monthly,
            "TotalCharges": total,
            "Churn": np.where(odds > 1.5, "Yes", "No"),
        }
    )


def _calls(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(SEED)
    age, rate = random.integers(18, 90, rows), random.uniform(0.6, 5, rows).round(3)
    job = random.choice(["admin.", "student", "retired", "services"], rows)
    odds = (rate < 2) * 2 + (abs(age - 45) > 20) + (job == "student") + random.logistic(0, 0.7, rows)
    return pd.DataFrame(
        {
            "age": age,
            "job": job,
            "contact": random.choice(["cellular", "telephone"], rows),
            "duration": random.integers(0, 1000, rows),
            "campaign": random.integers(1, 10, rows),
            "euribor3m": rate,
            "y": np.where(odds > 2.5, "yes", "no"),
        }
    )


def _write(table: pd.DataFrame, path: Path, header: bool = True, sep: str = ",") -> Path:
    table.to_csv(path, header=header, index=False, sep=sep)
    return path
