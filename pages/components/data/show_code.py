"""The Data page's step as a short script that runs as it stands."""

from collections.abc import Sequence

from pages.components.queries.table_cache import Choice
from services.aws.account import Account
from services.codegen import recipe_script
from services.codegen.credentials import CREDENTIALS
from services.data.partition import SplitPlan
from services.data.prepared_data import home
from services.data.reading.reading_code import ReadingCode
from services.data.recipe.recipe import AnyRowStep, AnyStep

SCRIPT = """\
import boto3
import pandas
{imports}{functions}
{load}{rows}
table = table.drop(columns={exclude!r}).dropna(subset=[{target!r}])
table.insert(0, {target!r}, (table.pop({target!r}) == {positive!r}).astype(int))
table = table.sample(frac=1, random_state={seed})
cuts = [0, int(0.7 * len(table)), int(0.9 * len(table)), len(table)]
parts = {{
    split: table[cuts[number] : cuts[number + 1]] for number, split in enumerate(["train", "validation", "test"])
}}
{encode}
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
    **others: object,
) -> str:
    """A script that makes the same three files; `positive` is the cell itself. Raises AwsError without a bucket."""
    address = home(account)
    elsewhere = f", CreateBucketConfiguration={{'LocationConstraint': {account.region!r}}}"
    return CREDENTIALS + SCRIPT.format(
        imports=recipe_script.imports(steps),
        functions=recipe_script.functions(steps, row_steps),
        load=choice.code(reading),
        rows=recipe_script.row_script(row_steps, target),
        exclude=list(exclude),
        target=target,
        positive=positive,
        seed=parts.seed,
        encode=recipe_script.script(steps, target, parts.seed),
        region=account.region,
        bucket=address.bucket,
        elsewhere="" if account.region == "us-east-1" else elsewhere,
        folder=f"{address.key}{name}/",
    )
