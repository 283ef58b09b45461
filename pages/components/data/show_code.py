"""The Data page's step as a short script that runs as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages.components.queries.table_cache import Choice
from services.aws.account import Account
from services.codegen import partition_script, recipe_script, target_script
from services.codegen.credentials import CREDENTIALS
from services.codegen.recipe_script import Predicted
from services.data.division.partition import SplitPlan
from services.data.division.resampling import Resampling
from services.data.division.row_times import TimeReading
from services.data.prepared_data import home
from services.data.reading.reading_code import ReadingCode
from services.data.recipe.recipe import AnyRowStep, AnyStep
from services.data.target import Target

if TYPE_CHECKING:
    import pandas as pd

SCRIPT = """\
import boto3
import pandas
{imports}{functions}
{load}{rows}
table = table.drop(columns={exclude!r})
{goal}
{divide}{encode}{resample}
s3 = boto3.client("s3", region_name={region!r})
try:
    s3.head_bucket(Bucket={bucket!r})
except s3.exceptions.ClientError:
    s3.create_bucket(Bucket={bucket!r}{elsewhere})
for split, part in parts.items():
    part.to_csv(f"{{split}}.csv", header=False, index=False)
    s3.upload_file(f"{{split}}.csv", {bucket!r}, {folder!r} + f"{{split}}/data.csv")
"""


def script(
    account: Account,
    choice: Choice,
    reading: ReadingCode,
    values: pd.Series,
    goal: Target,
    *,
    name: str,
    parts: SplitPlan,
    exclude: Sequence[str],
    steps: Sequence[AnyStep],
    row_steps: Sequence[AnyRowStep] = (),
    resampling: Resampling | None = None,
    times: TimeReading | None = None,
    **others: object,
) -> str:
    """A script that makes the same three files of a table whose column `values` is the target `goal`.

    times: how the column of a split by time is read. Raises AwsError without a bucket.
    """
    address, predicted = home(account), Predicted(str(values.name), goal.kind, goal.classes)
    needed = {
        *target_script.imports(values, goal.kind).splitlines(),
        *partition_script.imports(resampling).splitlines(),
        *recipe_script.imports(steps, predicted).splitlines(),
    }
    elsewhere = f", CreateBucketConfiguration={{'LocationConstraint': {account.region!r}}}"
    return CREDENTIALS + SCRIPT.format(
        imports="".join(f"{line}\n" for line in sorted(needed)),
        functions=recipe_script.functions(steps, row_steps),
        load=choice.code(reading),
        rows=recipe_script.row_script(row_steps, predicted.target),
        exclude=[name for name in exclude if name != parts.column],
        goal=target_script.script(values, goal),
        divide=partition_script.division(parts, predicted.target, goal.kind, exclude, times),
        resample=partition_script.resampling_lines(resampling, predicted.target),
        encode=recipe_script.script(steps, predicted, parts.seed),
        region=account.region,
        bucket=address.bucket,
        elsewhere="" if account.region == "us-east-1" else elsewhere,
        folder=f"{address.key}{name}/",
    )
