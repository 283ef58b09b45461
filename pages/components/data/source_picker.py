"""Choosing a table: from the catalogue, an upload or S3; the part of the Data page above everything else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

import streamlit as st

from pages.components.data import file_correction, sample_table, upload_picker
from pages.components.queries import table_cache
from pages.components.queries.table_cache import Choice
from pages.components.shell import formats
from services.aws.account import Account
from services.aws.errors import AwsError
from services.aws.s3 import Address, Progress
from services.data.reading import corrections, file_reader
from services.data.reading.file_reader import FileTable
from services.data.table_sources import s3_folder
from services.data.table_sources import sources as data_sources
from services.data.table_sources.sources import BREAST_CANCER, CARD_FRAUD, CUSTOMERS, GENERATED, Dataset
from services.errors import Problem

UPLOAD, S3 = "Upload", "S3 address"
T = TypeVar("T")


def choose(account: Account) -> Choice | None:
    """The chosen table; None while it is not yet said which. Raises Problem."""
    ways: dict[str, Callable[[], Choice | None]] = {
        CARD_FRAUD.title: _card_fraud,
        GENERATED.title: _generated,
        BREAST_CANCER.title: _breast_cancer,
        CUSTOMERS.title: sample_table.choose,
        UPLOAD: upload_picker.choose,
        S3: partial(_s3, account),
    }
    source = st.segmented_control(
        "Data set", list(ways), default=CARD_FRAUD.title, key="source", bind="query-params", required=True
    )
    return ways[source]()


def _card_fraud() -> Choice | None:
    _described(CARD_FRAUD)
    found = data_sources.card_fraud_path()
    typed = st.text_input(
        "Path of creditcard.csv (or .gz, .zip)",
        key="path",
        bind="query-params",
        placeholder=str(found or "/home/me/creditcard.csv"),
    )
    path = Path(typed).expanduser() if typed else found
    if not path:
        st.caption("Download it once (70 MB) or enter the path of your copy. The generated data set needs no network.")
        if not st.button("Download (70 MB)", key="fetch", icon=":material/download:"):
            return None
        path = _with_progress("Downloading", data_sources.fetch_card_fraud)
    file = ("file", str(path), _stamp(path))
    said = corrections.load(file)
    return Choice(
        identity=(*file, *said.identity),
        load=partial(file_reader.read, path, None, said),
        source=CARD_FRAUD.title,
        name=CARD_FRAUD.key,
        target=CARD_FRAUD.target,
        code=lambda reading: reading.line(repr(str(path))),
        file=file if path.is_file() else None,
        content=path,
    )


def _stamp(path: Path) -> str:
    """Changes when the file does; a missing file is the reader's to complain about."""
    try:
        seen = path.stat()
    except OSError:
        return ""
    return f"{seen.st_mtime_ns} {seen.st_size}"


def _generated() -> Choice:
    _described(GENERATED)
    return Choice(
        identity=("generated",),
        load=lambda: FileTable(data_sources.generated(), GENERATED.title),
        source=GENERATED.title,
        name=GENERATED.key,
        target=GENERATED.target,
        code=lambda _: (
            "from services.data.table_sources.sources import generated  # run this in SageDeck's folder\n\n"
            "table = generated()"
        ),
    )


def _breast_cancer() -> Choice:
    _described(BREAST_CANCER)
    return Choice(
        identity=("breast cancer",),
        load=lambda: FileTable(data_sources.breast_cancer(), BREAST_CANCER.title),
        source=BREAST_CANCER.title,
        name=BREAST_CANCER.key,
        target=BREAST_CANCER.target,
        code=lambda _: (
            "from sklearn.datasets import load_breast_cancer\n\n"
            "loaded = load_breast_cancer(as_frame=True)\n"
            "table = loaded.data.assign(diagnosis=loaded.target_names[loaded.target])"
        ),
    )


def _s3(account: Account) -> Choice | None:
    typed = st.text_input(
        "Address",
        key="address",
        bind="query-params",
        placeholder="s3://bucket/folder/file.csv",
        help="A file, or a folder whose files have the same columns: they are joined",
        persist_state="session",
    )
    if not typed:
        return None
    address = Address.parse(typed)
    if not address.key or address.key.endswith("/"):
        return _s3_folder(account, address)
    try:
        etag = table_cache.version(account, address)
    except AwsError as error:
        if not error.is_missing or not table_cache.folder_files(account, address):
            raise
        return _s3_folder(account, address)
    path = _with_progress("Downloading", partial(data_sources.download, account, address, etag))
    name = path.name
    body = f's3.get_object(Bucket={address.bucket!r}, Key={address.key!r})["Body"].read()'
    file = ("s3", str(account.profile), account.region, str(address), etag)
    said = corrections.load(file)
    return Choice(
        identity=(*file, *said.identity),
        load=partial(file_reader.read, path, name, said),
        source=str(address),
        name=file_correction.slug(name),
        target=None,
        code=lambda reading: (
            f's3 = boto3.client("s3", region_name={account.region!r})\n'
            f"import io\n\n{reading.line(f'io.BytesIO({body})')}"
        ),
        file=file,
        content=path,
    )


def _s3_folder(account: Account, address: Address) -> Choice:
    """The table that the files of a folder make. Raises Problem, AwsError."""
    folder = s3_folder.folder_of(address)
    files = table_cache.folder_files(account, folder)
    if not files:
        raise Problem(str(folder), "it holds no file with rows", "Check the address")
    paths = _with_progress("Downloading", partial(s3_folder.download, account, files))
    keys = [file.address.key for file in files]
    versions = hashlib.sha256(repr([(file.address.key, file.etag) for file in files]).encode()).hexdigest()
    file = ("s3 folder", str(account.profile), account.region, str(folder), versions)
    said = corrections.load(file)
    body = f's3.get_object(Bucket={folder.bucket!r}, Key=key)["Body"].read()'
    return Choice(
        identity=(*file, *said.identity),
        load=partial(s3_folder.read, paths, keys, said),
        source=str(folder),
        name=file_correction.slug(PurePosixPath(folder.key).name or folder.bucket),
        target=None,
        code=lambda reading: (
            f's3 = boto3.client("s3", region_name={account.region!r})\n'
            f"import io\n\n{reading.joined(f'io.BytesIO({body})')}"
        ),
        file=file,
    )


def _described(dataset: Dataset) -> None:
    st.markdown(formats.plain(dataset.description))
    st.caption(f"Licence: {dataset.licence}.")


def _with_progress(doing: str, work: Callable[[Progress], T]) -> T:
    """Run `work` under a progress bar that goes when it ends."""
    bar = st.empty()

    def show(done: int, total: int) -> None:
        words = f"{doing} {formats.size(done)}" + (f" of {formats.size(total)}" if total else "")
        bar.progress(min(1.0, done / total) if total else 0.0, words)

    try:
        return work(show)
    finally:
        bar.empty()
