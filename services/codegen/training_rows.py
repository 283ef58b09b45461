"""What a script does with the rows in S3 before a job learns from them."""

from services.aws.account import Account
from services.codegen.python_source import literal
from services.data import shards
from services.data.prepared_data import TOGETHER
from services.training.plan import TrainingPlan


def before(account: Account, plan: TrainingPlan) -> str:
    """The lines, empty for a plan that learns from the rows as they were prepared; they need `boto3`."""
    lines = _cut(plan) if plan.sharded else _put_together(plan) if plan.train_on_validation else ""
    return f'\ns3 = boto3.client("s3", region_name={literal(account.region)})\n{lines}' if lines else ""


def _cut(plan: TrainingPlan) -> str:
    """The training rows into a file an instance, every so many-th row into the same."""
    whole, parts, count = plan.data.file("train"), shards.address(plan.data, plan.instance_count), plan.instance_count
    return f"""\
rows = s3.get_object(Bucket={literal(whole.bucket)}, Key={literal(whole.key)})["Body"].read().splitlines(keepends=True)
for part in range({count}):
    body = b"".join(rows[part::{count}])
    s3.put_object(Bucket={literal(parts.bucket)}, Key={literal(f"{parts.key}/part-")} + f"{{part}}.csv", Body=body)
"""


def _put_together(plan: TrainingPlan) -> str:
    """The train and validation rows copied into the folder that a last training learns from."""
    target, copies = plan.data.address / TOGETHER, ""
    for split in ("train", "validation"):
        source = {"Bucket": plan.data.address.bucket, "Key": plan.data.file(split).key}
        copies += f"s3.copy({literal(source)}, {literal(target.bucket)}, {literal(f'{target.key}/{split}.csv')})\n"
    return copies
