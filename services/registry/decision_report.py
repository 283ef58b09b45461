"""The decision report: one HTML file that says what a model was made of, how good it is and what was decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from services import html_report
from services.aws import s3
from services.aws.account import Account
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.recipe.recipe import Recipe
from services.evaluation import wording
from services.evaluation.model_comparison import FEW
from services.html_report import Line, Section, Table
from services.registry import model_metrics
from services.registry.model_metrics import Measure, ModelMetrics
from services.registry.versions import REPORT, ModelVersion, must_exist
from services.training.jobs import TrainingJob


@dataclass(frozen=True)
class DecisionReport:
    """What goes into the report of a model.

    job:      None for a model from elsewhere.
    recipe:   None where the features are the columns as they were.
    verdict:  whether the model is good enough, in sentences; `decision`: what was decided and why, empty for nothing.
    slices:   how good it is by part of the rows, as tables.
    usd:      what its training has cost, in dollars; None where it is unknown.
    """

    name: str
    model_uri: str
    job: TrainingJob | None
    data: PreparedData
    recipe: Recipe | None
    quality: ModelMetrics
    verdict: Sequence[str] = ()
    decision: Sequence[str] = ()
    slices: Sequence[Table] = ()
    curves: Sequence[Line] = ()
    usd: float | None = None


def as_html(report: DecisionReport, now: datetime) -> str:
    """The whole file."""
    made = f"{now:%Y-%m-%d %H:%M} UTC · made with SageDeck"
    return html_report.page(f"Decision report of {report.name}", made, sections(report))


def sections(report: DecisionReport) -> list[Section]:
    """The parts of the report, those that there is something to say in."""
    parts = [
        Section("Result", [*report.verdict, *_result(report.quality)]),
        Section("Decision", report.decision or ["No decision was saved for this model."]),
        Section("Metrics", ["Ranges are 95 % intervals."], tables=[_metrics(report.quality), *_matrix(report.quality)]),
        Section("Curves", lines=report.curves),
        Section("Slices", tables=report.slices),
        Section("Limits", _limits(report)),
        Section("Data", facts=_data(report.data), tables=[_parts(report.data)]),
        Section("Recipe", _recipe(report.recipe)),
        Section("Model", facts=_model(report), tables=_settings(report.job)),
    ]
    return [part for part in parts if part.sentences or part.facts or part.tables or part.lines]


def attach(account: Account, version: ModelVersion, page: str, now: datetime) -> Address:
    """Keep the report beside the version's model file and name it in its metadata. Raises Problem, AwsError."""
    model = Address.parse(version.model_uri)
    address = Address(model.bucket, model.key.rpartition("/")[0]) / f"report-{now:%Y%m%dT%H%M%S%fZ}.html"
    with TemporaryDirectory(prefix="sagedeck-report-") as folder:
        file = Path(folder) / "report.html"
        file.write_text(page, encoding="utf-8")
        s3.upload(account, file, address)
    with must_exist(f"Version {version.number} of {version.group}"):
        account.call(
            "sagemaker",
            "update_model_package",
            ModelPackageArn=version.arn,
            CustomerMetadataProperties={REPORT: str(address)},
        )
    return address


def _result(quality: ModelMetrics) -> Iterable[str]:
    if quality.confusion and quality.rows:
        at = "" if quality.threshold is None else f" at the threshold {quality.threshold:g}"
        yield f"On {quality.confusion.rows:,} {quality.rows}{at}: {wording.sentence(quality.confusion)}"
    elif quality.rows:
        yield f"Measured on {quality.rows}."


def _metrics(quality: ModelMetrics) -> Table:
    def cells(measure: Measure) -> tuple[str, str]:
        within = " to ".join(map(wording.number_text, measure.interval)) if measure.interval else "–"
        return wording.number_text(measure.value), within

    rows = [
        (model_metrics.title(name), *cells(measure))
        for name, measure in quality.measures.items()
        if name not in model_metrics.HIDDEN
    ]
    return Table(("Metric", "Value", "95 % interval"), rows)


def _matrix(quality: ModelMetrics) -> Iterable[Table]:
    classes = quality.classes or ()
    if quality.confusion and classes:
        at = quality.confusion
        rows = [(f"actual: {classes[0]}", at.tn, at.fp), (f"actual: {classes[1]}", at.fn, at.tp)]
        yield Table(("Rows", "not flagged", "flagged"), rows)
    elif quality.matrix and classes:
        named = [(f"actual: {name}", *row) for name, row in zip(classes, quality.matrix, strict=True)]
        yield Table(("Rows", *(f"predicted: {name}" for name in classes)), named)


def _limits(report: DecisionReport) -> list[str]:
    data, quality = report.data, report.quality
    limits = ["The metrics hold for rows like those they were measured on: new data can differ from them."]
    if (
        quality.confusion
        and min(quality.confusion.positives, quality.confusion.rows - quality.confusion.positives) < FEW
    ):
        fewer = min(quality.confusion.positives, quality.confusion.rows - quality.confusion.positives)
        limits.append(f"The rarer class has {fewer:,} rows among them, so every metric of it is a rough one.")
    if quality.rows and quality.rows.split == "validation":
        limits.append("They are of validation rows, on which models and thresholds are chosen: expect somewhat less.")
    if quality.rows and quality.rows.split == "train":
        limits.append("They are of rows the model learned from: they say nothing about new rows.")
    if data.resampled:
        limits.append(f"Scores are of a model of resampled rows, so they are no probabilities: {data.resampled}.")
    return limits


def _data(data: PreparedData) -> dict[str, object]:
    facts = {
        "Data set": data.display_name,
        "Source": data.source,
        "Target": data.target,
        "Classes": ", ".join(data.classes),
        "Features": f"{len(data.features):,}",
        "Split": data.divided,
        "Resampled": data.resampled,
        "Prepared": f"{data.created:%Y-%m-%d %H:%M} UTC",
        "Address": str(data.address),
        "SHA-256 of the table": data.source_sha256,
    }
    return {label: value for label, value in facts.items() if value}


def _parts(data: PreparedData) -> Table:
    rows = [
        (part, f"{count:,}", *(f"{of_class:,}" for of_class in data.class_rows.get(part, ())))
        for part, count in data.rows.items()
    ]
    return Table(("Part", "Rows", *(data.classes if data.class_rows else ())), rows)


def _recipe(recipe: Recipe | None) -> list[str]:
    if recipe is None:
        return ["The features are the columns as they were."]
    return [f"{number}. {step.sentence}." for number, step in enumerate((*recipe.row_steps, *recipe.steps), start=1)]


def _model(report: DecisionReport) -> dict[str, object]:
    facts: dict[str, object] = {"Model": report.name, "Model file": report.model_uri}
    job = report.job
    if job:
        facts |= {
            "Training job": job.name,
            "Search": job.tuning_job or "",
            "Image": job.image,
            "Instances": f"{job.instance_count} × {job.instance_type}",
            "Trained": f"{job.created:%Y-%m-%d %H:%M} UTC",
            "Cost of training": "not known" if report.usd is None else f"${report.usd:,.2f}",
        }
    return {label: value for label, value in facts.items() if value}


def _settings(job: TrainingJob | None) -> list[Table]:
    return [Table(("Hyperparameter", "Value"), sorted(job.hyperparameters.items()))] if job else []
