"""A dress rehearsal: the job that is meant for AWS, run on this computer first, on a sample of its rows.

It is launched by the very function that launches the real one, with the same plan; only the data's place is another.
What it was a rehearsal of lies beside the sample, on this computer:

    s3://BUCKET/sagedeck/rehearsals/NAME-TIME/train/data.csv
    s3://BUCKET/sagedeck/rehearsals/NAME-TIME/validation/data.csv
    s3://BUCKET/sagedeck/rehearsals/NAME-TIME/manifest.json
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import BaseModel

from services.algorithms import catalogue
from services.aws import documents, s3, tags, transfers
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address, Progress
from services.data import prepared_data, sampling
from services.data.sampling import Sample
from services.errors import Problem
from services.training import launch as training_launch
from services.training import plan as training_plan
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan

KEPT_NAMES = {"together": "train_on_validation"}  # members of a plan as documents that exist name them
HOME = "sagedeck/rehearsals"
SPLITS = ("train", "validation")


@dataclass(frozen=True)
class Rehearsal:
    """What a training job on this computer was a rehearsal of.

    account: number of the AWS account it was for, in `region`.
    plan:    the members of the TrainingPlan by name; `data` is the name of the data set there, `algorithm` its title.
    samples: by split, without their lines.
    """

    account: str
    region: str
    plan: Mapping[str, Any]
    samples: Mapping[str, Sample]

    @property
    def rows(self) -> dict[str, int]:
        """Rows of the sample by split."""
        return {split: sample.rows for split, sample in self.samples.items()}

    def planned(self, account: Account) -> TrainingPlan:
        """The plan as it was, for the account it was made for. Raises Problem when its data is gone, AwsError."""
        algorithm = catalogue.titled(self.plan["algorithm"])
        return TrainingPlan(
            **{
                **{KEPT_NAMES.get(name, name): value for name, value in self.plan.items()},
                "data": prepared_data.load(account, self.plan["data"]),
                "algorithm": algorithm,
            }
        )


class SampleDocument(BaseModel):
    """A sample as the manifest of a rehearsal tells of it, without its lines."""

    rows: int
    positives: int
    looked: int
    read: int
    size: int
    odd: int = 0
    odd_row: int | None = None
    class_rows: tuple[int, ...] = ()


class RehearsalDocument(Document):
    """The manifest of a rehearsal as it lies in S3."""

    account: str
    region: str
    plan: dict[str, Any]
    seed: int
    samples: dict[str, SampleDocument]


def start(account: Account, here: Account, plan: TrainingPlan, rows: int, now: datetime, progress: Progress) -> str:
    """Rehearse `plan`, which is for `account`, on at most `rows` of its training rows; the name of the job `here`.

    As large a share of the validation rows is taken. `progress` is called in this thread with bytes read and bytes to
    read. Raises Problem, AwsError.
    """
    training_plan.validate(plan)
    bucket = here.default_bucket()
    s3.ensure_bucket(here, bucket)
    samples = _samples(account, plan, rows, progress)
    place = Address(bucket, f"{HOME}/{plan.data.name}-{now:%Y%m%d%H%M%S%f}")
    data = replace(
        plan.data,
        address=place,
        rows={split: sample.rows for split, sample in samples.items()},
        positives={split: sample.positives for split, sample in samples.items() if plan.data.positives},
        class_rows={split: sample.class_rows for split, sample in samples.items() if sample.class_rows},
    )
    for split, sample in samples.items():
        file = data.file(split)
        here.call("s3", "put_object", Bucket=file.bucket, Key=file.key, Body=sample.body, ContentType="text/csv")
    number = account.identity().account
    document = _document(plan, samples, number, account.region)
    documents.update(here, place / "manifest.json", RehearsalDocument, lambda _: document)
    own = {
        tags.REHEARSAL: f"{number}/{account.region}/{plan.name}",
        tags.TITLE: f"Rehearsal for {number} {account.region}",
    }
    return training_launch.launch(here, replace(plan, data=data, tags={**plan.tags, **own}))


def load(here: Account, job: TrainingJob) -> Rehearsal:
    """What the job was a rehearsal of. Raises Problem when it was none, AwsError."""
    no_rehearsal = Problem(f"Job {job.name}", "it is not a rehearsal, or its sample was deleted", "Rehearse again")
    address = Address.parse(job.channels.get("train", ""))
    if not address.key.startswith(f"{HOME}/"):
        raise no_rehearsal
    folder = Address(address.bucket, "/".join(address.key.split("/")[:3]))
    stored = documents.read(here, folder / "manifest.json", RehearsalDocument)
    if stored is None:
        raise no_rehearsal
    document = stored.document
    samples = {split: Sample(body=b"", **sample.model_dump()) for split, sample in document.samples.items()}
    return Rehearsal(document.account, document.region, document.plan, samples)


def training_seconds(job: TrainingJob) -> float:
    """How long the algorithm ran, without start, download and upload."""
    ran = [step for step in job.transitions if step.status == "Training" and step.ended]
    return sum((step.ended - step.started).total_seconds() for step in ran if step.ended)


def _samples(account: Account, plan: TrainingPlan, rows: int, progress: Progress) -> dict[str, Sample]:
    share = min(1.0, rows / plan.data.rows["train"])
    wanted = {"train": rows, "validation": max(2, round(share * plan.data.rows["validation"]))}
    found: dict[str, Sample] = {}

    def transfer(split: str, report: Progress) -> None:
        found[split] = sampling.take(account, plan.data, split, wanted[split], report)

    transfers.run([partial(transfer, split) for split in SPLITS], progress)
    return {split: found[split] for split in SPLITS}


def _document(plan: TrainingPlan, samples: Mapping[str, Sample], number: str, region: str) -> RehearsalDocument:
    stored = {name: key for key, name in KEPT_NAMES.items()}
    members = {stored.get(each.name, each.name): getattr(plan, each.name) for each in fields(plan)}
    own = {
        "data": plan.data.name,
        "algorithm": plan.algorithm.title,
        "hyperparameters": dict(plan.hyperparameters),
        "tags": dict(plan.tags),
    }
    return RehearsalDocument(
        account=number,
        region=region,
        plan=members | own,
        seed=sampling.SEED,
        samples={
            split: SampleDocument(**{name: value for name, value in vars(sample).items() if name != "body"})
            for split, sample in samples.items()
        },
    )
