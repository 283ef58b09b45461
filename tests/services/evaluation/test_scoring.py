"""Scoring a split: the model file is opened with care, and an endpoint is asked in few, whole, ordered requests."""

import io
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xgboost

from services.algorithms.linear_learner import LINEAR_LEARNER
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation import model_file, scoring
from tests.services.fake_s3 import etag_of

MODEL = "s3://models/job/output/model.tar.gz"


def sums(body: bytes) -> bytes:
    """What the fake endpoint answers: the sum of each row, one a line."""
    return b"\n".join(str(sum(map(float, row.split(b",")))).encode() for row in body.splitlines())


@dataclass(frozen=True)
class FakeAccount(Account):
    """An account whose S3 is a dictionary and whose endpoint is a function from body to answer."""

    objects: dict[str, bytes] = field(default_factory=dict, compare=False)
    answer: Callable[[bytes], bytes] | None = None  # None is `sums`, which caches of queries can hash
    bodies: list[bytes] = field(default_factory=list, compare=False)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "get_caller_identity":
            return {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/fake"}
        if operation == "invoke_endpoint":
            assert (service, parameters["ContentType"]) == ("sagemaker-runtime", "text/csv")
            self.bodies.append(parameters["Body"])
            return {"Body": io.BytesIO((self.answer or sums)(parameters["Body"]))}
        if operation in ("head_bucket", "create_bucket"):
            return {}
        if operation == "list_objects_v2":
            home = f"s3://{parameters['Bucket']}/"
            keys = [key.removeprefix(home) for key in sorted(self.objects) if key.startswith(home)]
            listed = [key for key in keys if key.startswith(parameters["Prefix"])]
            return {"Contents": [{"Key": key, "Size": len(self.objects[home + key])} for key in listed]}
        address = f"s3://{parameters['Bucket']}/{parameters['Key']}"
        if operation == "put_object":
            self.objects[address] = parameters["Body"]
        if operation == "delete_object":
            self.objects.pop(address, None)
            return {}
        if address not in self.objects:
            raise AwsError("Head object on AWS, us-east-1", "Not Found", "Check its name", "404")
        content = self.objects[address]
        return {"Body": io.BytesIO(content), "ContentLength": len(content), "ETag": etag_of(content)}

    def client(self, service: str) -> Any:
        return self

    def upload_file(self, path: str, bucket: str, key: str, **_: Any) -> None:
        self.objects[f"s3://{bucket}/{key}"] = Path(path).read_bytes()

    def download_file(self, bucket: str, key: str, path: str, **_: Any) -> None:
        Path(path).write_bytes(self.objects[f"s3://{bucket}/{key}"])


def make_account(
    objects: dict[str, bytes] | None = None, answer: Callable[[bytes], bytes] | None = None
) -> FakeAccount:
    return FakeAccount("Fake", "us-east-1", bucket="bucket", objects=objects or {}, answer=answer)


CLASSES = ("low", "middle", "high")


def make_data(
    rows: int = 3, kind: TargetKind = TargetKind.TWO_CLASSES, classes: tuple[str, ...] = ("0", "1")
) -> PreparedData:
    return PreparedData(
        name="cards",
        address=Address("bucket", "sagedeck/data/cards"),
        source="a test",
        target="Class",
        classes=classes,
        kind=kind,
        features=("amount", "hour"),
        rows={"test": rows},
        positives={"test": 1},
        seed=1729,
        created=datetime(2026, 11, 1, tzinfo=UTC),
    )


def make_features(rows: int, columns: int = 3, seed: int = 0) -> pa.Table:
    values = np.random.default_rng(seed).normal(size=(rows, columns))
    return pa.table({f"f{number}": values[:, number] for number in range(columns)})


def make_model(rounds: int = 5, seed: int = 0, columns: int = 3) -> xgboost.Booster:
    random = np.random.default_rng(seed)
    features = random.normal(size=(200, columns))
    labels = (features[:, 0] + random.normal(size=200) > 0).astype(int)
    return xgboost.train(
        {"objective": "binary:logistic", "nthread": 1}, xgboost.DMatrix(features, labels), num_boost_round=rounds
    )


def make_class_model(objective: str = "multi:softprob", seed: int = 0, columns: int = 3) -> xgboost.Booster:
    """A model of three classes."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(200, columns))
    labels = np.digitize(features[:, 0] + random.normal(size=200) / 2, (-0.5, 0.5))
    parameters = {"objective": objective, "num_class": 3, "nthread": 1}
    return xgboost.train(parameters, xgboost.DMatrix(features, labels), num_boost_round=5)


def make_number_model(columns: int = 3) -> xgboost.Booster:
    """A model of a number."""
    features = np.random.default_rng(0).normal(size=(200, columns))
    parameters = {"objective": "reg:squarederror", "nthread": 1}
    return xgboost.train(parameters, xgboost.DMatrix(features, 3 * features[:, 0] + 10), num_boost_round=5)


def make_archive(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def matrix_of(features: pa.Table) -> xgboost.DMatrix:
    return xgboost.DMatrix(features.to_pandas().to_numpy())


def test_a_split_is_labels_and_numbers_with_missing_cells_kept_missing() -> None:
    account = make_account({"s3://bucket/sagedeck/data/cards/test/data.csv": b"1,2.5,7\n0,,8\n0,1e3,-9\n"})
    split = scoring.read_split(account, make_data(), "test")
    assert split.labels.tolist() == [1, 0, 0]
    assert split.features.to_pydict() == {"amount": [2.5, None, 1000.0], "hour": [7.0, 8.0, -9.0]}
    assert split.rows == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"1,2.5\n", "columns"), (b"1,two,3\n", "conversion"), (b",2,3\n", "not all 0 or 1"), (b"", "Empty CSV")],
)
def test_a_split_that_is_not_as_its_manifest_says_is_refused(content: bytes, said: str) -> None:
    account = make_account({"s3://bucket/sagedeck/data/cards/test/data.csv": content})
    with pytest.raises(Problem, match=f"(?s)Split test of cards: .*{said}.*Prepare the data again"):
        scoring.read_split(account, make_data(), "test")


def test_a_split_without_rows_is_refused_before_it_is_fetched() -> None:
    with pytest.raises(Problem, match="it has no rows"):
        scoring.read_split(make_account(), make_data(rows=0), "test")


def test_an_endpoint_is_asked_in_whole_rows_and_answers_keep_their_order() -> None:
    account, features = make_account(), make_features(20_000)
    seen: list[tuple[int, int]] = []
    scores = scoring.through_endpoint(account, "cards", features, lambda *at: seen.append(at))
    np.testing.assert_allclose(scores, features.to_pandas().sum(axis=1), rtol=1e-9)
    assert 2 <= len(account.bodies) <= 5
    assert seen[-1] == (20_000, 20_000)
    assert seen == sorted(seen)


def test_no_request_is_larger_than_the_endpoint_takes() -> None:
    account, features = make_account(), make_features(5_000)
    scoring.through_endpoint(account, "cards", features, body_limit=10_000)
    assert max(map(len, account.bodies)) <= 10_000
    assert sum(body.count(b"\n") for body in account.bodies) == 5_000


def test_a_missing_value_is_sent_as_an_empty_cell() -> None:
    account = make_account(answer=lambda body: b"0.5\n")
    scoring.through_endpoint(account, "cards", pa.table({"a": pa.array([None], pa.float64()), "b": [1.5]}))
    assert account.bodies == [b",1.5\n"]


@pytest.mark.parametrize("answer", [b"0.25,0.75", b"0.25\n0.75\n"])
def test_scores_joined_by_commas_and_scores_on_lines_are_the_same(answer: bytes) -> None:
    account = make_account(answer=lambda body: answer)
    assert scoring.through_endpoint(account, "cards", make_features(2)).tolist() == [0.25, 0.75]


@pytest.mark.parametrize(("answer", "said"), [(b"0.5\n", "1 scores for 2 rows"), (b"yes\nno\n", "instead of numbers")])
def test_an_answer_that_does_not_fit_the_rows_is_refused(answer: bytes, said: str) -> None:
    with pytest.raises(Problem, match=f"Endpoint cards: .*{said}"):
        scoring.through_endpoint(make_account(answer=lambda body: answer), "cards", make_features(2))


def test_a_refused_request_ends_the_scoring_with_its_own_words() -> None:
    def refuse(body: bytes) -> bytes:
        raise AwsError("Invoke endpoint", "Feature size 5 is not consistent", "Check the rows", "ModelError")

    with pytest.raises(AwsError, match="Feature size 5 is not consistent"):
        scoring.through_endpoint(make_account(answer=refuse), "cards", make_features(20_000))


def test_the_model_file_scores_as_xgboost_does() -> None:
    model, features = make_model(), make_features(50)
    account = make_account({MODEL: make_archive({"xgboost-model": bytes(model.save_raw("ubj"))})})
    np.testing.assert_allclose(scoring.from_artifact(account, MODEL, features), model.predict(matrix_of(features)))


def test_a_missing_value_goes_to_the_model_as_missing() -> None:
    model = make_model(columns=1)
    account = make_account({MODEL: make_archive({"xgboost-model": bytes(model.save_raw("json"))})})
    scores = scoring.from_artifact(account, MODEL, pa.table({"a": pa.array([None, 1.0], pa.float64())}))
    np.testing.assert_allclose(scores, model.predict(xgboost.DMatrix(np.array([[np.nan], [1.0]]))))


def test_fold_models_are_averaged() -> None:
    models, features = [make_model(seed=seed) for seed in range(3)], make_features(50)
    files = {f"xgboost-model-{fold}": bytes(model.save_raw("ubj")) for fold, model in enumerate(models)}
    scores = scoring.from_artifact(make_account({MODEL: make_archive(files)}), MODEL, features)
    np.testing.assert_allclose(scores, np.mean([model.predict(matrix_of(features)) for model in models], axis=0))


def test_every_tree_of_a_model_scores_as_at_an_endpoint_of_aws() -> None:
    model, features = make_model(rounds=9), make_features(50)
    model.set_attr(best_iteration="3")
    account = make_account({MODEL: make_archive({"xgboost-model": bytes(model.save_raw("ubj"))})})
    np.testing.assert_allclose(scoring.from_artifact(account, MODEL, features), model.predict(matrix_of(features)))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"xgboost-model": b"\x80\x04\x95cos\nsystem\n."}, "Python pickle.*Score through an endpoint"),
        ({"../xgboost-model": b"{}"}, "outside the destination"),
        ({"/etc/xgboost-model/../../../x": b"{}"}, "outside the destination"),
        ({"code.py": b"print()"}, "no file named xgboost-model"),
        ({"xgboost-model": b"not a model"}, "cannot read it"),
    ],
)
def test_an_archive_that_could_harm_or_holds_no_model_is_refused(files: dict[str, bytes], said: str) -> None:
    account = make_account({MODEL: make_archive(files)})
    with pytest.raises(Problem, match=f"(?s)Model {MODEL}: .*{said}"):
        scoring.from_artifact(account, MODEL, make_features(2))


def test_a_model_file_that_was_deleted_is_told_as_that() -> None:
    with pytest.raises(Problem, match=rf"^Model {MODEL}: the file was deleted\. Train the model again\.$"):
        scoring.from_artifact(make_account({}), MODEL, make_features(2))


@pytest.mark.parametrize("cut", [0, 40])
def test_a_broken_archive_is_refused(cut: int) -> None:
    content = make_archive({"xgboost-model": bytes(make_model().save_raw("ubj"))})[:cut]
    with pytest.raises(Problem, match="cannot be unpacked"):
        scoring.from_artifact(make_account({MODEL: content}), MODEL, make_features(2))


def test_an_archive_that_swells_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_file, "UNPACKED_LIMIT", 1000)
    account = make_account({MODEL: make_archive({"padding": bytes(900), "more": bytes(900)})})
    with pytest.raises(Problem, match="unpacks to more than"):
        scoring.from_artifact(account, MODEL, make_features(2))


def test_data_with_other_columns_than_the_model_is_refused() -> None:
    account = make_account({MODEL: make_archive({"xgboost-model": bytes(make_model().save_raw("ubj"))})})
    with pytest.raises(Problem, match="trained on 3 columns, and the data has 2"):
        scoring.from_artifact(account, MODEL, make_features(5, columns=2))


def test_labels_of_several_classes_are_their_places() -> None:
    account = make_account({"s3://bucket/sagedeck/data/cards/test/data.csv": b"2,2.5,7\n0,,8\n1,1e3,-9\n"})
    split = scoring.read_split(account, make_data(kind=TargetKind.CLASSES, classes=CLASSES), "test")
    assert split.labels.tolist() == [2, 0, 1]


def test_a_class_that_the_manifest_does_not_know_is_refused() -> None:
    account = make_account({"s3://bucket/sagedeck/data/cards/test/data.csv": b"3,2.5,7\n"})
    with pytest.raises(Problem, match="its labels are not all 0 to 2"):
        scoring.read_split(account, make_data(kind=TargetKind.CLASSES, classes=CLASSES), "test")


def test_labels_of_a_number_are_that_number() -> None:
    account = make_account({"s3://bucket/sagedeck/data/cards/test/data.csv": b"2.25,2.5,7\n-1e3,,8\n"})
    assert scoring.read_split(account, make_data(kind=TargetKind.NUMBER, classes=()), "test").labels.tolist() == [
        2.25,
        -1000.0,
    ]


def test_a_missing_number_to_predict_is_refused() -> None:
    account = make_account({"s3://bucket/sagedeck/data/cards/test/data.csv": b",2.5,7\n"})
    with pytest.raises(Problem, match="its targets are not all numbers"):
        scoring.read_split(account, make_data(kind=TargetKind.NUMBER, classes=()), "test")


def test_mean_and_median_come_from_the_training_rows_and_of_numbers_only() -> None:
    account = make_account({"s3://bucket/sagedeck/data/cards/train/data.csv": b"1,2.5,7\n2,,8\n9,1,1\n"})
    constants = scoring.training_constants(account, make_data(kind=TargetKind.NUMBER, classes=()))
    assert (constants and (constants.mean, constants.median)) == (4.0, 2.0)
    assert scoring.training_constants(account, make_data()) is None


@pytest.mark.parametrize("model", [make_class_model(), make_class_model("multi:softmax"), make_number_model()])
def test_the_model_file_scores_classes_and_numbers_as_xgboost_does(model: xgboost.Booster) -> None:
    features = make_features(50)
    account = make_account({MODEL: make_archive({"xgboost-model": bytes(model.save_raw("ubj"))})})
    scores = scoring.from_artifact(account, MODEL, features)
    np.testing.assert_allclose(scores, model.predict(matrix_of(features)))


def test_probabilities_of_folds_are_averaged_and_their_classes_are_refused() -> None:
    features = make_features(50)

    def score(objective: str) -> np.ndarray:
        models = [make_class_model(objective, seed) for seed in range(2)]
        files = {f"xgboost-model-{fold}": bytes(model.save_raw("ubj")) for fold, model in enumerate(models)}
        return scoring.from_artifact(make_account({MODEL: make_archive(files)}), MODEL, features)

    expected = np.mean([make_class_model(seed=seed).predict(matrix_of(features)) for seed in range(2)], axis=0)
    np.testing.assert_allclose(score("multi:softprob"), expected, rtol=1e-6)
    with pytest.raises(Problem, match=r"the mean of their classes is no class\. Train with .* multi:softprob"):
        score("multi:softmax")


@pytest.mark.parametrize("answer", [b"[0.1, 0.2, 0.7],[1.0, 0.0, 0.0]", b"[0.1, 0.2, 0.7]\n[1.0, 0.0, 0.0]\n"])
def test_an_endpoint_answers_a_list_of_probabilities_a_row(answer: bytes) -> None:
    account = make_account(answer=lambda body: answer)
    scores = scoring.through_endpoint(account, "wine", make_features(2))
    assert scores.tolist() == [[0.1, 0.2, 0.7], [1.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("answer", "scores"),
    [
        (b'{"score": 3.25}\n{"score": -1.5}\n', [3.25, -1.5]),
        (
            b'{"score": [0.5, 0.25, 0.25], "predicted_label": 0}\n{"score": [0, 0.5, 0.5], "predicted_label": 1}\n',
            [[0.5, 0.25, 0.25], [0, 0.5, 0.5]],
        ),
    ],
)
def test_linear_learner_answers_numbers_and_probabilities_of_classes(answer: bytes, scores: list[float]) -> None:
    account = make_account(answer=lambda body: answer)
    found = scoring.through_endpoint(account, "wine", make_features(2), answers=LINEAR_LEARNER.answers)
    assert found.tolist() == scores


def test_rows_with_unequal_numbers_of_probabilities_are_refused() -> None:
    account = make_account(answer=lambda body: b"[0.1, 0.9]\n[1.0]\n")
    with pytest.raises(Problem, match="instead of numbers"):
        scoring.through_endpoint(account, "wine", make_features(2))


@pytest.mark.parametrize(
    ("kind", "classes", "scores", "said"),
    [
        (TargetKind.TWO_CLASSES, ("no", "yes"), np.zeros((2, 3)), "3 scores per row. Train with .* binary:logistic"),
        (TargetKind.NUMBER, (), np.zeros((2, 3)), "3 scores per row. Train with .* reg:squarederror"),
        (TargetKind.CLASSES, CLASSES, np.full((2, 2), 0.5), "knows 2 classes, and the data has 3"),
        (TargetKind.CLASSES, CLASSES, np.array([0.5, 0.25]), "Train .* multi:softprob"),
    ],
)
def test_scores_of_another_kind_of_model_are_refused(
    kind: TargetKind, classes: tuple[str, ...], scores: np.ndarray, said: str
) -> None:
    with pytest.raises(Problem, match=f"^Model: .*{said}"):
        scoring.of_kind(scores, make_data(kind=kind, classes=classes), "Model")


def test_of_the_probabilities_of_two_classes_the_second_is_the_score() -> None:
    assert scoring.of_kind(np.array([[0.25, 0.75], [0.5, 0.5]]), make_data(), "Model").tolist() == [0.75, 0.5]
