"""A recipe as Python that runs without SageDeck: the same features from the same rows, by pandas and scikit-learn.

What it is given are `parts`, tables by split with the target first; what it leaves are `parts` with features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.data.recipe.column_types import GROUPED, PLAIN, SIGNS, SPACES, Encoding
from services.data.recipe.recipe import (
    FOLDS,
    AnyStep,
    DateParts,
    MissingValues,
    Numbers,
    OneHot,
    TargetEncoding,
    named_by,
)
from services.data.target_kind import TargetKind

HEAD = '''

def text(cell):
    """A cell as text without blanks around it, 1.0 as "1"."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def texts(column):
    """Each cell as text, and "" for a missing one."""
    return column.map(text, na_action="ignore").astype(object).fillna("")


def replace(part, column, new):
    """The columns of `new` in the place of `column`."""
    place = part.columns.get_loc(column)
    return pandas.concat([part.iloc[:, :place], new, part.iloc[:, place + 1 :]], axis=1)

'''
MISSING = """
name, no_value = {column!r}, {values!r}
for split, part in parts.items():
    parts[split] = replace(part, name, part[name].mask(texts(part[name]).isin(no_value)))
"""
READING = """

def number(cell):
    bare = re.sub({signs!r}, "", re.sub({spaces!r}, "", cell))
    if re.fullmatch({grouped!r}, bare):
        bare = bare.replace({group!r}, "").replace(",", ".")
    return float(bare) if re.fullmatch({plain!r}, bare) else float("nan")


"""
NUMBERS = """
name = {column!r}
{reading}for split, part in parts.items():
    parts[split] = replace(part, name, texts(part[name]).map(number).rename(name))
"""
DATES = """
name, has_time = {column!r}, None
for split, part in parts.items():
    dates = pandas.to_datetime(texts(part[name]).replace("", None), {how}, errors="coerce")
    if has_time is None:  # the train part comes first
        has_time = bool(((dates.dt.hour > 0) | (dates.dt.minute > 0)).any())
    new = {{"year": dates.dt.year, "month": dates.dt.month, "day": dates.dt.day, "weekday": dates.dt.day_of_week}}
    new |= {{"hour": dates.dt.hour}} if has_time else {{}}
    parts[split] = replace(part, name, pandas.DataFrame(new).add_prefix(f"{{name}}_"))
"""
ONE_HOT = """
name = {column!r}
encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype="int8")
encoder.fit(texts(parts["train"][name]).to_frame())
columns = [f"{{name}}={{category or '(missing)'}}" for category in encoder.categories_[0]]
for split, part in parts.items():
    found = encoder.transform(texts(part[name]).to_frame())
    parts[split] = replace(part, name, pandas.DataFrame(found, part.index, columns))
"""
TARGET = """
name, labels = {column!r}, parts["train"][{target!r}]
folds = min({folds})
shuffled = {splitter}(max(folds, 2), shuffle=True, random_state={seed})
encoder = TargetEncoder(target_type={kind!r}, cv=shuffled)
cells = {{split: texts(part[name]).to_frame() for split, part in parts.items()}}
crossed = encoder.fit_transform(cells["train"], labels) if folds > 1 else None  # a row does not see its own label
encoder.fit(cells["train"], labels)
columns = {columns!r}
for split, part in parts.items():
    new = crossed if split == "train" and crossed is not None else encoder.transform(cells[split])
    parts[split] = replace(part, name, pandas.DataFrame(new, part.index, columns))
"""
_ORDERS = {
    Encoding.DATE: 'format="ISO8601"',
    Encoding.DAY_FIRST: 'format="mixed", dayfirst=True',
    Encoding.MONTH_FIRST: 'format="mixed"',
}
_ENCODERS = {OneHot: "OneHotEncoder", TargetEncoding: "TargetEncoder"}
_TYPES = {TargetKind.TWO_CLASSES: "binary", TargetKind.CLASSES: "multiclass", TargetKind.NUMBER: "continuous"}


@dataclass(frozen=True)
class Predicted:
    """What is predicted: the name of the target, its kind, and the names of its classes by label."""

    target: str
    kind: TargetKind = TargetKind.TWO_CLASSES
    classes: tuple[str, ...] = ()

    @property
    def splitter(self) -> str:
        """How training rows are folded, by scikit-learn."""
        return "StratifiedKFold" if self.kind is TargetKind.TWO_CLASSES else "KFold"


def imports(steps: Sequence[AnyStep], predicted: Predicted) -> str:
    """The imports that `script` needs besides pandas."""
    used = [name for kind, name in _ENCODERS.items() if any(isinstance(step, kind) for step in steps)]
    folds = [f"from sklearn.model_selection import {predicted.splitter}"] * ("TargetEncoder" in used)
    patterns = ["import re"] * any(isinstance(step, Numbers) for step in steps)
    encoders = [f"from sklearn.preprocessing import {', '.join(used)}"] * bool(used)
    return "".join(f"{line}\n" for line in (*patterns, *folds, *encoders))


def reading(decimal: str) -> str:
    """The function `number`, which reads a number that is written as text; it needs `re`."""
    return READING.format(
        signs=SIGNS.pattern,
        spaces=SPACES.pattern,
        grouped=GROUPED[decimal].pattern,
        group="," if decimal == "." else ".",
        plain=PLAIN.pattern,
    )


def script(steps: Sequence[AnyStep], predicted: Predicted, seed: int) -> str:
    """The lines that fit `steps` on the train part and apply them to all; "" without steps."""
    return HEAD + "".join(_lines(step, predicted, seed) for step in steps) if steps else ""


def _lines(step: AnyStep, predicted: Predicted, seed: int) -> str:
    match step:
        case MissingValues():
            return MISSING.format(column=step.column, values=list(step.values))
        case Numbers():
            return NUMBERS.format(column=step.column, reading=reading(step.decimal))
        case DateParts():
            return DATES.format(column=step.column, how=_ORDERS[step.order])
        case OneHot():
            return ONE_HOT.format(column=step.column)
        case TargetEncoding():
            rarest = ", labels.sum(), len(labels) - labels.sum()" if predicted.kind is TargetKind.TWO_CLASSES else ""
            named = named_by([step], predicted.classes)[0]
            return TARGET.format(
                column=step.column,
                target=predicted.target,
                folds=f"{FOLDS}{rarest or ', len(labels)'}",
                splitter=predicted.splitter,
                kind=_TYPES[predicted.kind],
                columns=named.names if isinstance(named, TargetEncoding) else [],
                seed=seed,
            )
