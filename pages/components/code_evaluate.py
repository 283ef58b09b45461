"""The Evaluate page's step as a short script that runs as it stands."""

from pages.components.evaluations import Choice
from services.prepared import PreparedData
from services.scripts import CREDENTIALS
from services.storage import Address

SCRIPT = """\
import io
import tarfile

import boto3
import numpy
import pandas
import xgboost
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

s3 = boto3.client("s3", region_name={region!r})
body = s3.get_object(Bucket={rows.bucket!r}, Key={rows.key!r})["Body"].read()
rows = pandas.read_csv(io.BytesIO(body), header=None)
labels, features = rows[0], rows.drop(columns=0)

{scores}
print(confusion_matrix(labels, scores >= 0.5))  # rows: really 0, really 1; columns: not flagged, flagged
print("average precision", average_precision_score(labels, scores))
print("ROC AUC", roc_auc_score(labels, scores))
"""

FROM_FILE = """\
archive = s3.get_object(Bucket={model.bucket!r}, Key={model.key!r})["Body"].read()
with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
    model = xgboost.Booster(model_file=bytearray(tar.extractfile("xgboost-model").read()))
rounds = (0, int(model.attr("best_iteration") or -1) + 1)  # (0, 0) means all of them
scores = model.predict(xgboost.DMatrix(features.to_numpy()), iteration_range=rounds)
"""

THROUGH_ENDPOINT = """\
runtime = boto3.client("sagemaker-runtime", region_name={region!r})
answers = []
for start in range(0, len(features), 5000):
    batch = features[start : start + 5000].to_csv(header=False, index=False)
    answer = runtime.invoke_endpoint(EndpointName={endpoint!r}, ContentType="text/csv", Body=batch)
    answers += answer["Body"].read().decode().replace(",", "\\n").split()
scores = numpy.array(answers, dtype=float)
"""


def script(choice: Choice, data: PreparedData, model_uri: str) -> str:
    """A script that judges the same rows of the same model in the same way."""
    way, unused = (THROUGH_ENDPOINT, ("tarfile", "xgboost")) if choice.endpoint else (FROM_FILE, ("numpy",))
    region = choice.account.region
    scores = way.format(endpoint=choice.endpoint, model=Address.parse(model_uri), region=region)
    lines = SCRIPT.format(region=region, rows=data.file(choice.split), scores=scores).splitlines(keepends=True)
    return CREDENTIALS + "".join(line for line in lines if line not in {f"import {name}\n" for name in unused})
