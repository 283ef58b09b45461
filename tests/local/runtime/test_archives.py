"""Model archives that others made: what AWS's container leaves is served, and what could do harm is refused."""

import gzip
import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from botocore.exceptions import WaiterError

from tests.local import factories
from tests.local_service import LocalService

pytestmark = pytest.mark.slow


def learned() -> xgboost.Booster:
    table = factories.rows(300)
    return xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(table[:, 1:], table[:, 0]), 4)


def member(name: str, content: bytes = b"", **attributes: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, content


def archive(*members: tuple[tarfile.TarInfo, bytes], **how: Any) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", **how) as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def deploy(local: LocalService, content: bytes) -> str:
    """An endpoint of a model archive with this content; its name."""
    s3, key = local.client("s3"), f"{factories.unique('archive')}/model.tar.gz"
    s3.create_bucket(Bucket=factories.BUCKET)
    s3.put_object(Bucket=factories.BUCKET, Key=key, Body=content)
    return factories.deploy(local, {"ModelArtifacts": {"S3ModelArtifacts": f"s3://{factories.BUCKET}/{key}"}})


def refusal(local: LocalService, content: bytes) -> str:
    """Why an endpoint of this archive failed."""
    with pytest.raises(WaiterError) as failed:
        deploy(local, content)
    reason: str = failed.value.last_response["FailureReason"]
    return reason


@pytest.mark.parametrize("form", ["ubj", "json"])
def test_a_model_as_awss_container_writes_it_predicts(local: LocalService, form: str) -> None:
    booster, new = learned(), factories.rows(20, seed=5)[:, 1:]
    endpoint = deploy(local, archive(member("xgboost-model", bytes(booster.save_raw(form)))))
    sent = np.loadtxt(io.StringIO(factories.as_csv(new)), delimiter=",", dtype="float32")
    expected = booster.predict(xgboost.DMatrix(sent))
    assert factories.invoke(local, endpoint, factories.as_csv(new)) == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_pickled_model_is_refused_and_told_how_to_convert_it(local: LocalService) -> None:
    reason = refusal(local, archive(member("xgboost-model", pickle.dumps(learned()))))
    assert "xgboost-model is a pickled model" in reason
    assert "Save the model again with Booster.save_model" in reason


def test_the_old_binary_format_which_this_xgboost_no_longer_reads_is_refused_in_a_sentence(local: LocalService) -> None:
    reason = refusal(local, archive(member("xgboost-model", b"binf" + bytes(200))))
    assert "Booster.save_model" in reason


OUTSIDE = [
    member("../outside", b"x"),
    member("/../../outside", b"x"),
    member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    member("link", type=tarfile.SYMTYPE, linkname="xgboost-model"),
    member("link", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
    member("device", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
    member("pipe", type=tarfile.FIFOTYPE),
]


@pytest.mark.parametrize("harmful", OUTSIDE, ids=lambda harmful: f"{harmful[0].name}-{harmful[0].type!r}")
def test_what_leaves_the_folder_or_is_no_file_is_refused(
    own_local: LocalService, harmful: tuple[tarfile.TarInfo, bytes]
) -> None:
    model = member("xgboost-model", bytes(learned().save_raw("ubj")))
    assert refusal(own_local, archive(harmful, model)).startswith("The model data is not a valid tar.gz archive: ")
    beside: list[Path] = list(own_local.folder.parent.rglob("outside"))
    assert (beside, list((own_local.folder / "endpoints").glob("*"))) == ([], [])


def test_a_bomb_is_refused_before_it_goes_off(local: LocalService) -> None:
    info, _ = member("xgboost-model")
    info.size = 50 << 30
    bomb = gzip.compress(info.tobuf() + bytes(1 << 20))
    assert refusal(local, bomb) == "The model archive is larger than 2 GB unpacked, the limit of this computer."


def test_a_bomb_in_a_header_is_refused_too(local: LocalService) -> None:
    info, _ = member("comment", type=tarfile.XHDTYPE)
    info.size = 50 << 30
    bomb = gzip.compress(
        info.tobuf(tarfile.USTAR_FORMAT if info.size < 8 << 30 else tarfile.GNU_FORMAT) + bytes(1 << 20)
    )
    assert "larger than 2 GB unpacked" in refusal(local, bomb)


def test_an_archive_of_very_many_members_is_refused(local: LocalService) -> None:
    many = [member(f"part-{number}") for number in range(10_001)]
    assert "more than 10000 members" in refusal(local, archive(*many, compresslevel=1))
