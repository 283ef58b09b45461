"""The built-in sample: customers of a subscription, a few of whom cancel. Has what real tables have, and needs no file.

Numbers, a date, text with few and with many values, an identifier, cells that are missing as "?" and as blanks, and a
rare class that the other columns tell something about. Generated alike every time.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

ROWS, CANCELLED = 3000, 120
SEED = 1729
PLANS, PAYMENTS = ("Basic", "Family", "Premium"), ("Card", "Direct debit", "Invoice")
CITIES = tuple(
    "".join(parts)
    for parts in product(
        ("North", "South", "East", "West", "Lake", "Hill", "Mill", "King"), ("field", "ham", "ton", "bury", "ford")
    )
)
PRICES = {"Basic": 12.0, "Family": 25.0, "Premium": 39.0}


def customers() -> pd.DataFrame:
    """ROWS customers in 12 columns; `cancelled` is "yes" for CANCELLED of them, otherwise "no".

    Those cancel who called support often, are dissatisfied, pay late or by invoice, have been customers for a short
    time or hardly use what they pay for; in a few cities more than elsewhere.
    """
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(SEED)
    plan = random.choice(PLANS, ROWS, p=(0.5, 0.3, 0.2))
    payment = random.choice(PAYMENTS, ROWS, p=(0.55, 0.3, 0.15))
    city = random.choice(CITIES, ROWS)
    months = np.minimum(random.geometric(0.05, ROWS), 72)
    calls, late = random.poisson(1.2, ROWS), random.poisson(0.4, ROWS)
    usage = random.gamma(2.0, 9.0, ROWS).round(1)
    satisfaction = np.clip(np.round(random.normal(3.7 - 0.35 * calls, 0.9)), 1, 5).astype(int)
    bill = (np.array([PRICES[name] for name in plan]) + 2.5 * random.poisson(1.0, ROWS)).round(2)
    leaning = 0.8 * calls - 1.1 * satisfaction + 0.9 * late - 0.05 * months - 0.05 * usage
    leaning += 1.2 * (payment == "Invoice") + 1.5 * np.isin(city, CITIES[:4])
    cancelled = np.zeros(ROWS, bool)
    cancelled[np.argsort(leaning + random.logistic(0, 0.9, ROWS))[-CANCELLED:]] = True
    joined = pd.Timestamp("2026-06-30") - pd.to_timedelta(months * 30 + random.integers(0, 30, ROWS), unit="D")
    return pd.DataFrame(
        {
            "customer": [f"C-{number}" for number in 10_000 + random.permutation(ROWS)],
            "joined": joined.strftime("%Y-%m-%d"),
            "plan": plan,
            "payment": np.where(random.random(ROWS) < 0.04, "?", payment),
            "city": city,
            "months": months,
            "monthly_bill": np.where(random.random(ROWS) < 0.05, np.nan, bill),
            "hours_used": np.where(random.random(ROWS) < 0.03, np.nan, usage),
            "support_calls": calls,
            "late_payments": late,
            "satisfaction": np.where(random.random(ROWS) < 0.12, "?", satisfaction.astype(str)),
            "cancelled": np.where(cancelled, "yes", "no"),
        }
    )
