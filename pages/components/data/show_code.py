"""The Data page's step as a short script that runs as it stands."""

from collections.abc import Sequence

from pages.components.queries.table_cache import Choice
from services.aws.account import Account
from services.codegen import partition_script, recipe_script
from services.codegen.credentials import CREDENTIALS
from services.data.partition import SplitPlan
from services.data.prepared_data import home
from services.data.reading.reading_code import ReadingCode
from services.data.recipe.recipe import AnyRowStep, AnyStep
from services.data.resampling import Resampling
from services.data.row_times import TimeReading
from services.data.target_kind import TargetKind

SCRIPT = """\
import boto3
import pandas
{imports}{functions}
{load}{rows}
table = table.drop(columns={exclude!r}).dropna(subset=[{target!r}])
table.insert(0, {target!r}, (table.pop({target!r}) == {positive!r}).astype(int))
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
    *,
    name: str,
    target: str,
    positive: object,
    parts: SplitPlan,
    exclude: Sequence[str],
    steps: Sequence[AnyStep],
    row_steps: Sequence[AnyRowStep] = (),
    kind: TargetKind = TargetKind.TWO_CLASSES,
    resampling: Resampling | None = None,
    times: TimeReading | None = None,
    **others: object,
) -> str:
    """A script that makes the same three files. Raises AwsError without a bucket.

    positive: the cell itself. times: how the column of a split by time is read.
    """
    address = home(account)
    elsewhere = f", CreateBucketConfiguration={{'LocationConstraint': {account.region!r}}}"
    return CREDENTIALS + SCRIPT.format(
        imports=partition_script.imports(resampling) + recipe_script.imports(steps),
        functions=recipe_script.functions(steps, row_steps),
        load=choice.code(reading),
        rows=recipe_script.row_script(row_steps, target),
        exclude=[name for name in exclude if name != parts.column],
        target=target,
        positive=positive,
        divide=partition_script.division(parts, target, kind, exclude, times),
        resample=partition_script.resampling_lines(resampling, target),
        encode=recipe_script.script(steps, target, parts.seed),
        region=account.region,
        bucket=address.bucket,
        elsewhere="" if account.region == "us-east-1" else elsewhere,
        folder=f"{address.key}{name}/",
    )
