"""The guide's notebook in the words of the SageMaker SDK 2: train, deploy, score in batches, tune, deploy, delete.

It asks for the role without telling whose, takes the image "latest" and sets `silent`, as the guide does. Runs in an
environment of its own, which `make test-clients` makes; only its data, made here, is not the guide's.
"""

import tempfile
from pathlib import Path

import boto3
import numpy as np
import sagemaker
from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

BATCH = 500  # rows of a request


def score(predictor: Predictor, features: np.ndarray) -> np.ndarray:
    """(n,) scores of (n, columns) features."""
    batches = np.array_split(features, len(features) // BATCH + 1)
    answers = ",".join(predictor.predict(batch).decode().replace("\n", ",") for batch in batches)
    return np.array([float(cell) for cell in answers.split(",") if cell])


random = np.random.default_rng(1729)
features = random.normal(size=(6000, 6))
table = np.column_stack([features[:, 0] + 0.3 * random.normal(size=6000) > 1.5, features])
train, validation, test = np.split(table, [4200, 5400])

session, role = sagemaker.Session(), sagemaker.get_execution_role()
inputs = {}
with tempfile.TemporaryDirectory() as folder:
    for name, split in (("train", train), ("validation", validation)):
        path = Path(folder) / f"{name}.csv"
        np.savetxt(path, split, delimiter=",", fmt="%.6g")
        address = session.upload_data(str(path), key_prefix=f"guide/{name}")
        inputs[name] = TrainingInput(address, content_type="csv")

estimator = Estimator(
    image_uris.retrieve("xgboost", session.boto_region_name, "latest"),
    role,
    instance_count=1,
    instance_type="ml.m4.xlarge",
    output_path=f"s3://{session.default_bucket()}/guide/output",
    sagemaker_session=session,
    base_job_name="guide",
)
estimator.set_hyperparameters(
    max_depth=5,
    eta=0.2,
    gamma=4,
    min_child_weight=6,
    subsample=0.8,
    silent=0,
    objective="binary:logistic",
    num_round=100,
)
estimator.fit(inputs)

predictor = estimator.deploy(1, "ml.m4.xlarge", serializer=CSVSerializer())
flagged = score(predictor, test[:, 1:]) > 0.5
matrix = [[int(np.sum((test[:, 0] == real) & (flagged == said))) for said in (0, 1)] for real in (0, 1)]
predictor.delete_model()
predictor.delete_endpoint()

tuner = HyperparameterTuner(
    estimator,
    "validation:auc",
    {
        "eta": ContinuousParameter(0, 1),
        "min_child_weight": ContinuousParameter(0, 10),
        "alpha": ContinuousParameter(0, 2),
        "max_depth": IntegerParameter(1, 10),
    },
    max_jobs=9,
    max_parallel_jobs=3,
    base_tuning_job_name="guide",
)
tuner.fit(inputs)
tuner.wait()
trials = tuner.analytics().dataframe()
best = tuner.deploy(1, "ml.m4.xlarge", serializer=CSVSerializer())
scores = score(best, test[:, 1:])
best.delete_model()
best.delete_endpoint()

print("role", role, session.account_id(), session.default_bucket())
print("confusion", matrix)
print("trials", len(trials))
print("best", tuner.best_training_job() == trials.set_index("TrainingJobName").FinalObjectiveValue.idxmax())
print("ranked", round(float(np.mean(scores[test[:, 0] == 1][:, None] > scores[test[:, 0] == 0])), 3))
print("left", boto3.client("sagemaker").list_endpoints()["Endpoints"])
