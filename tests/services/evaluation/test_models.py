"""Models from elsewhere: what is attached stays with the model, and archives are checked before they are kept."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
import xgboost

from services.aws.documents import UnreadableDocumentError
from services.aws.errors import AwsError
from services.data import prepared_data
from services.data.target_kind import TargetKind
from services.errors import Problem
from services.evaluation import model_file
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.model_file import LoadedModel
from services.evaluation.models import attached_data, model_documents, uploaded_models
from services.evaluation.models.attached_data import ModelColumns, ModelDataDocument
from tests.services.evaluation.test_scoring import (
    MODEL,
    FakeAccount,
    make_account,
    make_archive,
    make_data,
    make_features,
    make_model,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SOMEBODYS = EvaluatedModel("theirs", MODEL, None)
COLUMNS = ModelColumns(features=("amount", "hour"), target="Class", classes=("legitimate", "fraud"))


class ReadOnlyBucket(FakeAccount):
    """An account that may not write beside the model, nor read there but the model itself."""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if parameters.get("Bucket") == "models" and parameters.get("Key", "").endswith(".json"):
            raise AwsError("S3", "Access Denied", "Ask for it", "AccessDenied")
        return super().call(service, operation, **parameters)


def make_upload() -> io.BytesIO:
    return io.BytesIO(make_archive({"xgboost-model": bytes(make_model().save_raw("ubj"))}))


def test_an_attached_set_is_kept_beside_the_model() -> None:
    account = make_account()
    prepared_data.save_manifest(account, make_data())
    attached_data.attach(account, SOMEBODYS, ModelDataDocument(data="cards", attached=NOW))
    assert "s3://models/job/output/model-data.json" in account.objects
    assert attached_data.data_of(account, SOMEBODYS) == make_data()


def test_what_is_attached_to_a_model_of_others_is_kept_in_our_bucket() -> None:
    account = ReadOnlyBucket("Fake", "us-east-1", bucket="bucket")
    attached_data.attach(account, SOMEBODYS, ModelDataDocument(columns=COLUMNS, attached=NOW))
    (place,) = account.objects
    assert place.startswith("s3://bucket/sagedeck/models/documents/")
    found = attached_data.find(account, SOMEBODYS)
    assert found
    assert found.columns == COLUMNS


def test_attached_columns_are_a_set_without_rows() -> None:
    account = make_account()
    attached_data.attach(account, SOMEBODYS, ModelDataDocument(columns=COLUMNS, attached=NOW))
    data = attached_data.data_of(account, SOMEBODYS)
    assert data
    assert (data.features, data.target, data.classes) == (("amount", "hour"), "Class", ("legitimate", "fraud"))
    assert set(data.rows.values()) == {0}


def test_a_model_nobody_knows_has_no_data() -> None:
    assert attached_data.data_of(make_account(), SOMEBODYS) is None


def test_a_registered_set_is_known_without_attaching() -> None:
    account = make_account()
    prepared_data.save_manifest(account, make_data())
    assert attached_data.data_of(account, EvaluatedModel("v1", MODEL, None, "", "cards")) == make_data()


def test_a_damaged_attachment_is_named_and_not_taken_for_none() -> None:
    account = make_account({"s3://models/job/output/model-data.json": b"{"})
    with pytest.raises(UnreadableDocumentError, match=r"model-data\.json"):
        attached_data.data_of(account, SOMEBODYS)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"features": ("a", "a"), "target": "y", "classes": ("0", "1")}, "these names stand there twice: a"),
        ({"features": ("a", "y"), "target": "y", "classes": ("0", "1")}, "these names stand there twice: y"),
        ({"features": (), "target": "y", "classes": ("0", "1")}, "a name is missing"),
        ({"features": ("a",), "target": "y", "classes": ("0",)}, "has two classes, and 1 are named"),
        ({"features": ("a",), "target": "y", "kind": TargetKind.CLASSES, "classes": ("0", "1")}, "three classes"),
        ({"features": ("a",), "target": "y", "kind": TargetKind.NUMBER, "classes": ("0",)}, "no class"),
        ({"features": ("a",), "target": "y", "classes": ("1", "1")}, "the classes are not all different"),
    ],
)
def test_columns_that_cannot_be_are_one_sentence(columns: dict[str, Any], said: str) -> None:
    with pytest.raises(Problem, match=said):
        ModelColumns(**columns)


def test_a_set_with_another_number_of_columns_is_refused() -> None:
    with pytest.raises(Problem, match="it was trained on 3 columns, and 2 are named: amount, hour"):
        attached_data.check_columns(SOMEBODYS, 3, ("amount", "hour"))


def test_an_uploaded_archive_is_kept_by_its_hash_and_scored_as_it_is() -> None:
    account = make_account()
    kept = uploaded_models.keep(account, make_upload(), "theirs.tar.gz", NOW)
    assert (kept.name, kept.columns) == ("theirs.tar.gz", 3)
    model = uploaded_models.model_of(account, kept)
    assert model.uri == f"s3://bucket/sagedeck/models/uploaded/{kept.sha256}/model.tar.gz"
    assert len(model_file.load(account, model.uri).scores(make_features(4))) == 4


def test_the_same_archive_uploaded_twice_is_one() -> None:
    account = make_account()
    first = uploaded_models.keep(account, make_upload(), "first.tar.gz", NOW)
    content = account.objects[_file(first.sha256)]
    assert uploaded_models.keep(account, io.BytesIO(content), "again.tar.gz", NOW) == first
    assert uploaded_models.listed(account) == [first]


def _file(sha256: str) -> str:
    return f"s3://bucket/sagedeck/models/uploaded/{sha256}/model.tar.gz"


def test_an_archive_beyond_the_limit_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploaded_models, "LARGEST", 1_000_000)
    with pytest.raises(Problem, match=r"Archive big\.tar\.gz: it has 3 MB, and the limit is 1 MB"):
        uploaded_models.keep(make_account(), io.BytesIO(b"x" * 3_000_000), "big.tar.gz", NOW)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (make_archive({"xgboost-model": b"\x80\x04."}), "Python pickle"),
        (make_archive({"weights.bin": b"1"}), "no file named xgboost-model"),
        (b"not an archive", "cannot be unpacked"),
    ],
)
def test_an_archive_that_is_no_model_is_refused_and_not_kept(content: bytes, said: str) -> None:
    account = make_account()
    with pytest.raises(Problem, match=said):
        uploaded_models.keep(account, io.BytesIO(content), "theirs.tar.gz", NOW)
    assert account.objects == {}


def make_named_model() -> LoadedModel:
    """A model of a table, which knows what its columns are called."""
    frame = make_features(50).to_pandas()
    named = xgboost.train({"nthread": 1}, xgboost.DMatrix(frame, frame["f0"]), num_boost_round=3)
    account = make_account({MODEL: make_archive({"xgboost-model": bytes(named.save_raw("ubj"))})})
    return model_file.load(account, MODEL)


def test_a_model_that_knows_its_columns_takes_them_in_any_order() -> None:
    model, features = make_named_model(), make_features(9)
    assert model.names == ("f0", "f1", "f2")
    assert (model.scores(features.select(["f2", "f0", "f1"])) == model.scores(features)).all()


def test_a_model_that_knows_its_columns_refuses_those_of_another_set() -> None:
    others = make_features(9).rename_columns(["f0", "amount", "hour"])
    with pytest.raises(Problem, match="it was trained on f0, f1, f2, and the data has amount, hour"):
        make_named_model().scores(others)


def test_documents_beside_the_model_are_the_ones_that_count() -> None:
    account = make_account()
    attached_data.attach(account, SOMEBODYS, ModelDataDocument(data="beside", attached=NOW))
    own = model_documents.own_folder(account, SOMEBODYS) / attached_data.NAME
    account.objects[str(own)] = b'{"data": "own", "attached": "2026-11-01T00:00:00Z"}'
    found = attached_data.find(account, SOMEBODYS)
    assert found
    assert found.data == "beside"
