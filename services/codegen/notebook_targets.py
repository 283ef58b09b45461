"""The cells of the notebook that depend on what is predicted: its spread, and the evaluation of models."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.codegen.python_source import literal
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.visible_text import inline_code

_BALANCE = """\
classes = dict(enumerate({classes}))
balance = pandas.DataFrame({{split: table[target].map(classes).value_counts() for split, table in tables.items()}})
balance = balance.rename_axis("class").reset_index().melt("class", var_name="split", value_name="rows")
plotly.express.bar(balance, x="split", y="rows", color="class", barmode="group", text_auto=True, log_y={log})
"""


_MEANS = """\
means = tables["train"].groupby(target).mean().T.rename(columns=classes)
means["apart"] = (means[classes[1]] - means[classes[0]]) / tables["train"][features].std()
means.sort_values("apart", key=abs, ascending=False).head(10)
"""


_SPREAD = """\
means = tables["train"].groupby(target).mean().T.rename(columns=classes)
means["apart"] = (means.max(axis=1) - means.min(axis=1)) / tables["train"][features].std()
means.sort_values("apart", ascending=False).head(10)
"""

_HISTOGRAM = """\
rows = pandas.concat(tables, names=["split"]).reset_index("split")
plotly.express.histogram(rows, x=target, color="split", barmode="overlay", nbins=60)
"""

_CORRELATIONS = """\
ranked = tables["train"][features].corrwith(tables["train"][target], method="spearman")
ranked.sort_values(key=abs, ascending=False).to_frame("rank correlation").head(10)
"""

_SCORES = """\
def scored(job, split):
    file = sagemaker.describe_training_job(TrainingJobName=job)["ModelArtifacts"]["S3ModelArtifacts"]
    with tarfile.open(fileobj=read(file)) as archive:
        model = xgboost.Booster(model_file=bytearray(archive.extractfile("xgboost-model").read()))
    return model.predict(xgboost.DMatrix(tables[split][features].to_numpy()))


def average_precision(model):
    return metrics.average_precision_score(tables["validation"][target], scored(jobs[model], "validation"))


jobs = {"trained": trained, "best of the search": best}
chosen = max(jobs, key=average_precision)
print("Better on the validation rows, by average precision:", chosen)
labels, scores = tables["test"][target], {model: scored(job, "test") for model, job in jobs.items()}
pandas.DataFrame(
    {
        model: {
            "precision at 0.5": metrics.precision_score(labels, found >= 0.5, zero_division=0),
            "recall at 0.5": metrics.recall_score(labels, found >= 0.5, zero_division=0),
            "average precision": metrics.average_precision_score(labels, found),
            "ROC AUC": metrics.roc_auc_score(labels, found),
        }
        for model, found in scores.items()
    }
)
"""


_SCORES_OF_CLASSES = """\
def scored(job, split):
    file = sagemaker.describe_training_job(TrainingJobName=job)["ModelArtifacts"]["S3ModelArtifacts"]
    with tarfile.open(fileobj=read(file)) as archive:
        model = xgboost.Booster(model_file=bytearray(archive.extractfile("xgboost-model").read()))
    return model.predict(xgboost.DMatrix(tables[split][features].to_numpy()))


def log_loss(model):
    found = scored(jobs[model], "validation")
    return metrics.log_loss(tables["validation"][target], found, labels=list(classes))


jobs = {"trained": trained, "best of the search": best}
chosen = min(jobs, key=log_loss)
print("Better on the validation rows, by log loss:", chosen)
labels, scores = tables["test"][target], {model: scored(job, "test") for model, job in jobs.items()}
pandas.DataFrame(
    {
        model: {
            "mean recall of the classes": metrics.balanced_accuracy_score(labels, found.argmax(axis=1)),
            "mean F1 of the classes": metrics.f1_score(labels, found.argmax(axis=1), average="macro", zero_division=0),
            "accuracy": metrics.accuracy_score(labels, found.argmax(axis=1)),
            "log loss": metrics.log_loss(labels, found, labels=list(classes)),
        }
        for model, found in scores.items()
    }
)
"""

_SCORES_OF_NUMBERS = """\
def scored(job, split):
    file = sagemaker.describe_training_job(TrainingJobName=job)["ModelArtifacts"]["S3ModelArtifacts"]
    with tarfile.open(fileobj=read(file)) as archive:
        model = xgboost.Booster(model_file=bytearray(archive.extractfile("xgboost-model").read()))
    return model.predict(xgboost.DMatrix(tables[split][features].to_numpy()))


def error(model):
    return metrics.root_mean_squared_error(tables["validation"][target], scored(jobs[model], "validation"))


jobs = {"trained": trained, "best of the search": best}
chosen = min(jobs, key=error)
print("Better on the validation rows, by RMSE:", chosen)
labels, scores = tables["test"][target], {model: scored(job, "test") for model, job in jobs.items()}
mean = numpy.full(len(labels), tables["train"][target].mean())  # the baseline to beat
pandas.DataFrame(
    {
        model: {
            "RMSE": metrics.root_mean_squared_error(labels, found),
            "MAE": metrics.mean_absolute_error(labels, found),
            "R2": metrics.r2_score(labels, found),
        }
        for model, found in {**scores, "mean of the training rows": mean}.items()
    }
)
"""

_DECISION = """\
costs = {costs}  # dollars a row; fill in what yours are
threshold = 0.5  # while a miss and a false alarm cost nothing
if costs["miss"] or costs["false_alarm"]:
    actual, found = tables["validation"][target], scored(jobs[chosen], "validation")
    false_alarms, hits, thresholds = metrics.roc_curve(actual, found, drop_intermediate=False)
    false_alarms, hits = false_alarms * (actual == 0).sum(), hits * (actual == 1).sum()
    cost = costs["miss"] * (hits[-1] - hits) + costs["false_alarm"] * false_alarms - costs["hit_gain"] * hits
    threshold = min(1.0, float(thresholds[cost.argmin()]))
    print(f"Lowest expected cost on the validation rows: ${{cost.min():,.2f}}")
print("Threshold:", threshold)
"""

_CONFUSION = """\
flagged = scores[chosen] >= threshold
matrix = metrics.confusion_matrix(labels, flagged, labels=[0, 1])
(_, wrong), (missed, right) = matrix.tolist()
print(f"{{right + wrong}} flagged: {{right}} correct, {{wrong}} false alarms;", end=" ")
print(f"{{missed}} of {{right + missed}} positives missed.")
actual = [f"actual: {{class_name}}" for class_name in {classes}]
pandas.DataFrame(matrix, index=actual, columns=["not flagged", "flagged"])
"""


_PRECISION_RECALL = """\
curves = []
for model, found in scores.items():
    precision, recall, _ = metrics.precision_recall_curve(labels, found, drop_intermediate=True)
    curves.append(pandas.DataFrame({"model": model, "recall": recall, "precision": precision}))
plotly.express.line(pandas.concat(curves), x="recall", y="precision", color="model", line_shape="hv")
"""


_MATRIX = """\
predicted = scores[chosen].argmax(axis=1)
matrix = metrics.confusion_matrix(labels, predicted, labels=list(classes))
print(f"{matrix.trace()} of {matrix.sum()} rows correct.")
actual, found = ([f"{side}: {name}" for name in classes.values()] for side in ("actual", "predicted"))
pandas.DataFrame(matrix, index=list(actual), columns=list(found))
"""

_BY_CLASS = """\
figures = metrics.precision_recall_fscore_support(labels, predicted, labels=list(classes), zero_division=0)
pandas.DataFrame(figures, index=["precision", "recall", "F1", "rows"], columns=list(classes.values())).T
"""

_PREDICTED = """\
found = pandas.DataFrame({"actual": labels, "predicted": scores[chosen]})
figure = plotly.express.scatter(found.sample(min(len(found), 5000), random_state=0), x="actual", y="predicted")
ends = [float(found.min().min()), float(found.max().max())]
figure.add_scatter(x=ends, y=ends, mode="lines", name="exact")
"""

_ERRORS = """\
errors = scores[chosen] - labels
half, most = errors.abs().quantile([0.5, 0.9])
print(f"Half of the rows are predicted within {half:.4g}, 90 % within {most:.4g}.")
plotly.express.histogram(errors.rename("predicted minus actual"), nbins=60)
"""


NO_COSTS = {"miss": 0.0, "false_alarm": 0.0, "hit_gain": 0.0}


@dataclass(frozen=True)
class TargetCells:
    """Markdown and code by what they show; `coded` says what stands for the target in the files.

    objectives: with which models score as the cells expect; `sound` is the usual one, `lacks` what others lack.
    shown:      what is shown of the endpoint's answers, an expression.
    decision:   the threshold, of two classes.
    """

    coded: str
    balance: tuple[str, str]
    features: tuple[str, str]
    advice: str
    scores: str
    matrix: tuple[str, str]
    curve: tuple[str, str]
    shown: str
    sound: str
    objectives: tuple[str, ...]
    lacks: str = "its models give no probabilities, which the notebook needs"
    decision: tuple[str, str] | None = None


def of(data: PreparedData, costs: Mapping[str, float] = NO_COSTS) -> TargetCells:
    """The cells for what is predicted in `data`; `costs` of errors of two classes, in dollars."""
    if data.kind is TargetKind.NUMBER:
        return _number(data)
    return _two_classes(data, costs) if data.kind is TargetKind.TWO_CLASSES else _several(data)


def _two_classes(data: PreparedData, costs: Mapping[str, float]) -> TargetCells:
    negative, positive = map(inline_code, data.classes)
    classes = literal(list(data.classes))
    return TargetCells(
        coded=f" (1 is {positive}, 0 is {negative})",
        balance=(
            "Class balance. The scale is logarithmic, so that a rare class stays visible.",
            _BALANCE.format(classes=classes, log=True),
        ),
        features=(
            "Difference between the classes: means by class, and the distance between them in standard deviations.",
            _MEANS,
        ),
        advice="Accuracy is\nleft out: where a class is rare, a model that never finds it has a high accuracy. ",
        scores=_SCORES,
        matrix=(
            f"Confusion matrix of the chosen model at the threshold; the positive class is {positive}.",
            _CONFUSION.format(classes=classes),
        ),
        curve=("Precision and recall over all thresholds.", _PRECISION_RECALL),
        shown='tables["test"].assign(score=answers, flagged=answers >= threshold).nlargest(10, "score")',
        sound="binary:logistic",
        objectives=("binary:logistic", "reg:logistic"),
        decision=(
            "Decision: the endpoint returns scores, and this threshold makes classes of them. It is chosen on the "
            "validation\nrows, by what a missed positive and a false alarm cost and a hit gains.",
            _DECISION.format(costs=literal(dict(costs))),
        ),
    )


def _several(data: PreparedData) -> TargetCells:
    labels = ", ".join(f"{label} is {inline_code(name)}" for label, name in enumerate(data.classes))
    return TargetCells(
        coded=f" ({labels})",
        balance=("Class balance.", _BALANCE.format(classes=literal(list(data.classes)), log=False)),
        features=(
            "Difference between the classes: means by class, and the distance between the farthest two in standard "
            "deviations.",
            _SPREAD,
        ),
        advice="Accuracy alone\nsays little where a class is rare: the mean recall counts each class alike. ",
        scores=_SCORES_OF_CLASSES,
        matrix=("Confusion matrix of the chosen model: each row is predicted as its most probable class.", _MATRIX),
        curve=("Precision and recall of each class.", _BY_CLASS),
        shown='tables["test"].assign(predicted=[classes[place] for place in answers.argmax(axis=1)]).head(10)',
        sound="multi:softprob",
        objectives=("multi:softprob",),
        lacks="its models give no probability of each class, which the notebook needs",
    )


def _number(data: PreparedData) -> TargetCells:
    numbers = ("squarederror", "linear", "absoluteerror", "pseudohubererror", "squaredlogerror", "gamma", "tweedie")
    return TargetCells(
        coded="",
        balance=(f"Spread of {inline_code(data.target)}.", _HISTOGRAM),
        features=("Rank correlation of the features with the target.", _CORRELATIONS),
        advice="Errors are in\nthe unit of the target; predicting the mean of the training rows is the baseline. ",
        scores=_SCORES_OF_NUMBERS,
        matrix=("Predicted against actual numbers of the chosen model.", _PREDICTED),
        curve=("Errors of the chosen model.", _ERRORS),
        shown='tables["test"].assign(predicted=answers).head(10)',
        sound="reg:squarederror",
        objectives=(*(f"reg:{name}" for name in numbers), "count:poisson"),
        lacks="its models predict no number of the target",
    )
