"""Small jobs for the XGBoost container: folders that play /opt/ml, and what to look for in them after."""

import json
import re
from pathlib import Path

import numpy as np
import xgboost as xgb

CHANNELS = ("train", "validation")
ROWS, COLUMNS = 400, 4
BINARY = {"num_round": "3", "objective": "binary:logistic"}


def features(rows: int = ROWS, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, COLUMNS)).astype(np.float32)


def two_classes(values: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(7).normal(size=len(values)).astype(np.float32)
    label: np.ndarray = (values[:, 0] + values[:, 1] * values[:, 2] + noise > 0.5).astype(np.float32)
    return label


def three_classes(values: np.ndarray) -> np.ndarray:
    label: np.ndarray = np.digitize(values[:, 0], [-0.5, 0.7]).astype(np.float32)
    return label


def as_csv(values: np.ndarray, label: np.ndarray) -> str:
    return "".join(f"{y:g},{','.join(map(repr, row.tolist()))}\n" for y, row in zip(label, values, strict=True))


def as_libsvm(values: np.ndarray, label: np.ndarray) -> str:
    return "".join(
        f"{y:g} {' '.join(f'{index}:{value!r}' for index, value in enumerate(row.tolist()))}\n"
        for y, row in zip(label, values, strict=True)
    )


def two_channels() -> dict[str, str]:
    """Training and validation data of a binary problem, as CSV: `features()` and `features(seed=1)`."""
    return {
        channel: as_csv(features(seed=seed), two_classes(features(seed=seed))) for seed, channel in enumerate(CHANNELS)
    }


def make_job(
    root: Path,
    given: dict[str, str],
    content_type: str | None = "text/csv",
    **channels: "str | dict[str, str | bytes]",
) -> Path:
    """Lay out `root`: the hyperparameters given, and each channel's content, or its files' contents by name."""
    for folder in ("input/config", "model", "output"):
        (root / folder).mkdir(parents=True)
    for channel, content in channels.items():
        folder_of_channel = root / "input/data" / channel
        folder_of_channel.mkdir(parents=True)
        for name, text in ({"part.csv": content} if isinstance(content, str) else content).items():
            (folder_of_channel / name).write_bytes(text.encode() if isinstance(text, str) else text)
    described = {channel: {"ContentType": content_type} if content_type else {} for channel in channels}
    config = {"hyperparameters": given, "inputdataconfig": described, "resourceconfig": {}}
    for name, document in config.items():
        (root / "input/config" / f"{name}.json").write_text(json.dumps(document))
    return root


def booster(root: Path, name: str = "xgboost-model") -> xgb.Booster:
    loaded = xgb.Booster()
    loaded.load_model(bytearray((root / "model" / name).read_bytes()))
    return loaded


def values_of(log: str, metric: str, channel: str = "validation") -> list[float]:
    return [float(value) for value in re.findall(rf"^\[\d+\].*#011{channel}-{metric}:(\S+?)(?:#|$)", log, re.MULTILINE)]
