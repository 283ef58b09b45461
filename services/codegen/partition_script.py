"""Dividing rows and resampling the train part as Python that runs without SageDeck, with the very rows of the page.

What it is given is `table`, the coded target among its columns; what it leaves are `parts`, tables by split.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.data.division.partition import QUANTILES, SplitMethod, SplitPlan
from services.data.division.resampling import Resampling, ResamplingMethod
from services.data.division.row_times import FORMATS, ZONE, TimeReading
from services.data.target_kind import TargetKind

CUTS = "cuts = [0, int({first!r} * len(table)), int({second!r} * len(table)), len(table)]\n"
PARTS = """\
parts = {{
    split: table[place == number]{drop} for number, split in enumerate(["train", "validation", "test"])
}}
"""
SHUFFLE = "table = table.sample(frac=1, random_state={seed})\n"
IN_ORDER = "place = numpy.repeat(range(3), numpy.diff(cuts))\n"
STRATIFIED = """

def deal(counts, total):
    \"\"\"`total` rows in proportion to `counts`; the largest remainders are rounded up.\"\"\"
    exact = counts * (total / max(counts.sum(), 1))
    whole = numpy.floor(exact).astype(int)
    whole[numpy.argsort(whole - exact, kind="stable")[: total - whole.sum()]] += 1
    return whole


stratum = pandas.factorize({strata}, sort=True)[0]
counts = numpy.bincount(stratum)
single = counts == 1  # the only row of a class goes to train
train = numpy.where(single, 1, deal(numpy.where(single, 0, counts), cuts[1] - single.sum()))
validation = deal(counts - train, cuts[2] - cuts[1])
rank = table.groupby(stratum).cumcount().to_numpy()
place = (rank >= train[stratum]).astype(int) + (rank >= (train + validation)[stratum])
"""
TIME = """\
times = {times}
table = table.loc[times.sort_values(kind="stable", na_position="first").index]  # without a time: train
"""
GROUP = """\
group, values = pandas.factorize(table[{column!r}])
counts = numpy.bincount(group[group >= 0])
lacking = [cuts[1] - (group < 0).sum(), cuts[2] - cuts[1], cuts[3] - cuts[2]]
empty, part_of = {{0, 1, 2}}, numpy.zeros(len(values) + 1, int)  # the last is of rows without a value: train
for dealt, largest in enumerate(numpy.argsort(-counts, kind="stable")):
    open_to = sorted(empty) if len(values) - dealt <= len(empty) else range(3)
    chosen = max(open_to, key=lambda part: lacking[part])
    empty.discard(chosen)
    lacking[chosen] -= counts[largest]
    part_of[largest] = chosen
place = part_of[group]
"""
WANTED = """
train = parts["train"]
labels = train[{target!r}]
counts = labels.value_counts().sort_index()
{limit}
wanted = {{label: limit for label, rows in counts.items() if rows {than} limit}}
"""
LEAST = "limit = int(round(counts.max() * {ratio!r}, 9))"
MOST = "limit = int(round(counts.min() / {ratio!r}, 9))"
BY_CHANCE = """\
by_chance = {sampler}(sampling_strategy=wanted, random_state={seed})
chosen = by_chance.fit_resample(numpy.arange(len(train))[:, None], labels)[0][:, 0]
parts["train"] = train.iloc[chosen].sample(frac=1, random_state={seed})
"""
SMOTE = """\
features = train.drop(columns={target!r}).astype(float)
smote = SMOTE(sampling_strategy=wanted, random_state={seed}, k_neighbors={neighbours})
features, labels = smote.fit_resample(features, labels)
parts["train"] = pandas.concat([labels, features], axis=1).sample(frac=1, random_state={seed})
"""
SMOTENC = """\
features = train.drop(columns={target!r}).astype(float)
columns = {{}}
for name in features:
    if features[name].isin([0, 1]).all():
        columns.setdefault(name.partition("=")[0], []).append(name)
groups = []  # flags of one column, of which no row has two, are one category
for names in columns.values():
    groups += [names] if (features[names].sum(axis=1) <= 1).all() else [[name] for name in names]
codes = {{names[0]: features[names].to_numpy() @ numpy.arange(1, len(names) + 1) for names in groups}}
grouped = features.drop(columns=[name for names in groups for name in names]).assign(**codes)
smote = SMOTENC(list(codes), sampling_strategy=wanted, random_state={seed}, k_neighbors={neighbours})
made, labels = smote.fit_resample(grouped, labels)
flags = {{name: (made[names[0]] == place) * 1.0 for names in groups for place, name in enumerate(names, 1)}}
made = made.assign(**flags)[features.columns]
parts["train"] = pandas.concat([labels, made], axis=1).sample(frac=1, random_state={seed})
"""
_IMPORTS = {
    ResamplingMethod.OVER: "from imblearn.over_sampling import RandomOverSampler\n",
    ResamplingMethod.UNDER: "from imblearn.under_sampling import RandomUnderSampler\n",
    ResamplingMethod.SMOTE: "from imblearn.over_sampling import SMOTE\n",
    ResamplingMethod.SMOTENC: "from imblearn.over_sampling import SMOTENC\n",
}


def imports(resampling: Resampling | None) -> str:
    """The imports that the lines need besides pandas."""
    return "import numpy\n" + (_IMPORTS[resampling.method] if resampling else "")


def division(plan: SplitPlan, target: str, kind: TargetKind, exclude: Sequence[str], times: TimeReading | None) -> str:
    """The lines that make `parts` of `table`, whose rows differ in their index.

    exclude: columns that are no features; only the split's own is dropped here, since the rows are divided by it.
    times:   how the split's column is read, of a split by time.
    """
    first, second = (round(float(share), 9) for share in np.cumsum(plan.shares[:2]))
    shuffle, cuts = SHUFFLE.format(seed=plan.seed), CUTS.format(first=first, second=second)
    match plan.method:
        case SplitMethod.SHUFFLED:
            lines = shuffle + cuts + IN_ORDER
        case SplitMethod.STRATIFIED:
            strata = f"table[{target!r}]"
            if kind is TargetKind.NUMBER:
                strata = f'pandas.qcut({strata}, {QUANTILES}, labels=False, duplicates="drop")'
            lines = shuffle + cuts + STRATIFIED.format(strata=strata)
        case SplitMethod.TIME:
            lines = TIME.format(times=_times(plan.column, times or TimeReading())) + cuts + IN_ORDER
        case SplitMethod.GROUP:
            lines = shuffle + cuts + GROUP.format(column=plan.column)
    drop = f".drop(columns={[plan.column]!r})" if plan.column in exclude else ""
    return lines + PARTS.format(drop=drop)


def resampling_lines(resampling: Resampling | None, target: str) -> str:
    """The lines that resample the train part, after its rows are features; "" without resampling."""
    if not resampling:
        return ""
    under = resampling.method is ResamplingMethod.UNDER
    limit = (MOST if under else LEAST).format(ratio=resampling.ratio)
    sampler = "RandomUnderSampler" if under else "RandomOverSampler"
    made = {ResamplingMethod.SMOTE: SMOTE, ResamplingMethod.SMOTENC: SMOTENC}.get(resampling.method, BY_CHANCE)
    given = {"target": target, "seed": resampling.seed, "neighbours": resampling.neighbours, "sampler": sampler}
    return WANTED.format(target=target, limit=limit, than=">" if under else "<") + made.format(**given)


def _times(column: str | None, reading: TimeReading) -> str:
    cells = f"table[{column!r}]"
    if reading.order:
        options = ", ".join(f"{name}={value!r}" for name, value in FORMATS[reading.order].items())
        bare = f'{cells}.astype(str).str.strip().str.replace({ZONE!r}, "", regex=True)'
        return f'pandas.to_datetime({bare}, {options}, errors="coerce")'
    return f"{cells}.mask({cells}.isin({list(reading.missing)!r}))" if reading.missing else cells
