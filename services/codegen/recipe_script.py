"""A recipe as Python that runs without SageDeck: the same features from the same rows, by pandas and scikit-learn.

What it is given are `parts`, tables by split with the target first; what it leaves are `parts` with features. Row steps
change a `table` before it is split.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from services.codegen import row_step_script
from services.data.recipe.column_types import GROUPED, PLAIN, SIGNS, SPACES, Encoding, number_of
from services.data.recipe.encoding import MISSING_CODE, UNKNOWN_CODE
from services.data.recipe.recipe import (
    FOLDS,
    AnyRowStep,
    AnyStep,
    Clip,
    DateParts,
    Drop,
    FillMissing,
    FillWith,
    Frequency,
    Log,
    MissingValues,
    Negatives,
    Numbers,
    OneHot,
    Ordinal,
    Rename,
    TargetEncoding,
    named_by,
)
from services.data.target_kind import TargetKind

FUNCTIONS = '''

def text(cell):
    """A cell as text without blanks around it, 1.0 as "1"."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def texts(column):
    """Each cell as text, and "" for a missing one."""
    return column.map(text, na_action="ignore").astype(object).fillna("")


def with_gaps(column):
    """Numbers, or cells as text; nothing in missing ones."""
    return column.astype(float) if pandas.api.types.is_numeric_dtype(column) else texts(column).replace("", None)


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
DROP = """
for split, part in parts.items():
    parts[split] = part.drop(columns=[{column!r}])
"""
RENAME = """
for split, part in parts.items():
    parts[split] = part.rename(columns={{{column!r}: {to!r}}})
"""
FILL = """
name = {column!r}
value = {value}
for split, part in parts.items():
    cells = with_gaps(part[name])
    new = pandas.DataFrame({{name: cells.fillna(value)}})
{indicator}    parts[split] = replace(part, name, new)
"""
INDICATOR = """\
    new[f"{name}_missing"] = cells.isna().astype(int)
"""
CLIP = """
name = {column!r}
low, high = {bounds}
for split, part in parts.items():
    parts[split] = part.assign(**{{name: part[name].astype(float).clip(low, high)}})
"""
LOG = """
name = {column!r}
for split, part in parts.items():
    cells = part[name].astype(float)
    {logarithm}
"""
REFUSED = """\
if (cells < 0).any():
        raise SystemExit(f"{name} holds negative numbers")
    parts[split] = part.assign(**{name: numpy.log1p(cells)})"""
SIGNED = "parts[split] = part.assign(**{name: numpy.copysign(numpy.log1p(cells.abs()), cells)})"
ORDINAL = """
name = {column!r}
places = {{text: place for place, text in enumerate(sorted({{*texts(parts["train"][name])}} - {{""}}))}}
for split, part in parts.items():
    cells = texts(part[name])
    codes = cells.map(places).fillna({unknown}).mask(cells == "", {missing}).astype(int)
    parts[split] = part.assign(**{{name: codes}})
"""
FREQUENCY = """
name = {column!r}
shares = texts(parts["train"][name]).value_counts(normalize=True)
for split, part in parts.items():
    parts[split] = part.assign(**{{name: texts(part[name]).map(shares).fillna(0)}})
"""
_LEARNED = {
    FillWith.MEDIAN: "with_gaps(parts['train'][name]).median()",
    FillWith.MEAN: "with_gaps(parts['train'][name]).mean()",
    FillWith.MOST_FREQUENT: "with_gaps(parts['train'][name]).mode().iloc[0]",
}
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
    numbers = ["import numpy"] * any(isinstance(step, Log) for step in steps)
    patterns = ["import re"] * any(isinstance(step, Numbers) for step in steps)
    encoders = [f"from sklearn.preprocessing import {', '.join(used)}"] * bool(used)
    return "".join(f"{line}\n" for line in (*patterns, *numbers, *folds, *encoders))


def functions(steps: Sequence[AnyStep], row_steps: Sequence[AnyRowStep] = ()) -> str:
    """The functions that the lines of `script` and of `row_script` call; "" where they call none."""
    return FUNCTIONS if steps or row_steps else ""


def row_script(row_steps: Sequence[AnyRowStep], target: str) -> str:
    """The lines that make of `table` what row steps leave of it; "" without any."""
    return "".join(row_step_script.lines(step, target) for step in row_steps)


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
    return "".join(_lines(step, predicted, seed) for step in steps)


def _lines(step: AnyStep, predicted: Predicted, seed: int) -> str:
    match step:
        case MissingValues():
            return MISSING.format(column=step.column, values=list(step.values))
        case Numbers():
            return NUMBERS.format(column=step.column, reading=reading(step.decimal))
        case DateParts():
            return DATES.format(column=step.column, how=_ORDERS[step.order])
        case Drop():
            return DROP.format(column=step.column)
        case Rename():
            return RENAME.format(column=step.column, to=step.to)
        case FillMissing():
            return _filling(step)
        case Clip():
            return CLIP.format(column=step.column, bounds=_bounds(step))
        case Log():
            logarithm = SIGNED if step.negatives is Negatives.SIGNED else REFUSED
            return LOG.format(column=step.column, logarithm=logarithm)
        case Ordinal():
            return ORDINAL.format(column=step.column, unknown=UNKNOWN_CODE, missing=MISSING_CODE)
        case Frequency():
            return FREQUENCY.format(column=step.column)
        case OneHot():
            return ONE_HOT.format(column=step.column)
        case TargetEncoding():
            return _target_encoding(step, predicted, seed)


def _target_encoding(step: TargetEncoding, predicted: Predicted, seed: int) -> str:
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


def _filling(step: FillMissing) -> str:
    value = _constant(str(step.value)) if step.by is FillWith.CONSTANT else _LEARNED[step.by]
    return FILL.format(column=step.column, value=value, indicator=INDICATOR if step.indicator else "")


def _constant(text: str) -> str:
    number = number_of(text)
    as_number = f"{number!r} if pandas.api.types.is_numeric_dtype(parts['train'][name]) else "
    return f"{as_number if math.isfinite(number) else ''}{text!r}"


def _bounds(step: Clip) -> str:
    if step.quantiles is None:
        return f"{step.lower!r}, {step.upper!r}"
    return f'parts["train"][name].astype(float).quantile({list(step.quantiles)!r})'
