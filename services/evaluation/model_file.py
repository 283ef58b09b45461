"""The model in a training job's model.tar.gz, loaded into this process: XGBoost's own format only, never a pickle."""

import json
import re
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.aws import s3
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.errors import Problem, some

UNPACKED_LIMIT = 2 * 1024**3


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """One XGBoost model, or several of folds, whose scores are averaged. Threads may score at the same time."""

    where: str
    boosters: tuple[Any, ...]

    @property
    def columns(self) -> int:
        """How many features it takes."""
        return int(self.boosters[0].num_features())

    @property
    def names(self) -> tuple[str, ...]:
        """What its features were called in training; empty for a model that was not told, as SageMaker's are not."""
        return tuple(self.boosters[0].feature_names or ())

    def scores(self, features: Any) -> NDArray[np.float64]:
        """(rows,) or (rows, classes) scores of an Arrow table of features, by all trees, as at an endpoint.

        Raises Problem for other columns than those of training, and for several models that answer classes.
        """
        import xgboost  # three seconds: only once a model is really scored

        matrix = self.matrix(features)
        if len(self.boosters) > 1 and self.learner["objective"]["name"] == "multi:softmax":
            said = "it is of several folds, and the mean of their classes is no class"
            raise Problem(self.where, said, "Train with the objective multi:softprob")
        rows = xgboost.DMatrix(matrix)
        each = [one.predict(rows, validate_features=False) for one in self.boosters]
        found: NDArray[np.float64] = np.mean(each, axis=0, dtype=np.float64)
        return found

    def matrix(self, features: Any) -> NDArray[np.float32]:
        """An Arrow table of features as (rows, columns) in the order of training, NaN for a missing value.

        Raises Problem for other columns than those of training.
        """
        remedy = "Choose the data set it was trained on"
        if self.columns != features.num_columns:
            said = f"it was trained on {self.columns} columns, and the data has {features.num_columns}"
            raise Problem(self.where, said, remedy)
        others = [name for name in features.column_names if name not in self.names]
        if self.names and others:
            said = f"it was trained on {some(self.names)}, and the data has {some(others)}"
            raise Problem(self.where, said, remedy)
        matrix = np.empty((features.num_rows, self.columns), np.float32)
        for place, name in enumerate(self.names or features.column_names):
            matrix[:, place] = features.column(name).to_numpy()
        return matrix

    @property
    def learner(self) -> dict[str, Any]:
        """XGBoost's own settings of the first model: objective, booster, classes."""
        learner: dict[str, Any] = json.loads(self.boosters[0].save_config())["learner"]
        return learner


def load(account: Account, model_uri: str) -> LoadedModel:
    """The model at an address. Raises Problem when it is gone or cannot be used, AwsError when it cannot be fetched."""
    where = f"Model {model_uri}"
    with TemporaryDirectory(prefix="sagedeck-model-") as folder:
        archive = Path(folder) / "model.tar.gz"
        try:
            s3.download(account, Address.parse(model_uri), archive)
        except AwsError as error:
            if error.is_missing:
                raise Problem(where, "the file was deleted", "Train the model again") from error
            raise
        return of_archive(archive, where)


def of_archive(archive: Path, where: str) -> LoadedModel:
    """The model in a model.tar.gz on this computer. Raises Problem when it cannot be used."""
    return LoadedModel(where, tuple(_booster(model, where) for model in model_files(archive, where)))


def model_files(archive: Path, where: str) -> list[bytes]:
    """The XGBoost models in a model.tar.gz: `xgboost-model`, or `xgboost-model-0` and so on for folds.

    Nothing is written to disk. Raises Problem for a broken, oversized or path-escaping archive, a pickle or no model.
    """
    remedy = "Train the model again, or score through an endpoint"
    models: dict[int, bytes] = {}
    unpacked = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                tarfile.data_filter(member, str(archive.parent))
                unpacked += member.size
                if unpacked > UNPACKED_LIMIT:
                    raise Problem(where, f"the archive unpacks to more than {UNPACKED_LIMIT:,} bytes", remedy)
                name = re.fullmatch(r"(?:\./)?xgboost-model(?:-(\d+))?", member.name)
                content = tar.extractfile(member) if name and member.isfile() else None
                if name and content:
                    models[int(name[1] or 0)] = content.read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise Problem(where, f"the archive cannot be unpacked: {error}", remedy) from error
    if not models:
        raise Problem(where, "the archive contains no file named xgboost-model", "Choose a job of built-in XGBoost")
    if any(model[:1] == b"\x80" for model in models.values()):
        raise Problem(
            where, "the model is a Python pickle, which could run arbitrary code", "Score through an endpoint"
        )
    return [models[fold] for fold in sorted(models)]


def _booster(model: bytes, where: str) -> Any:
    import xgboost

    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(model))
    except xgboost.core.XGBoostError as error:
        said = f"XGBoost {xgboost.__version__} cannot read it: {str(error).strip().splitlines()[-1].strip()}"
        raise Problem(where, said, "Score through an endpoint, which has its own XGBoost") from error
    return booster
