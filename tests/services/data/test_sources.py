"""Where tables come from: fetched whole or not at all, generated alike from one seed, downloaded once a version."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.aws.s3 import Address
from services.data.table_sources import sources as data_sources
from services.errors import Problem
from tests.services.fake_s3 import FakeS3

BODY = bytes(range(256)) * 8192


class Server(BaseHTTPRequestHandler):
    """Answers /whole with BODY, /broken with half of it, and nothing else."""

    def do_GET(self) -> None:
        if self.path not in ("/whole", "/broken"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY if self.path == "/whole" else BODY[: len(BODY) // 2])

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(data_sources, "FOLDER", tmp_path)
    monkeypatch.delenv("SAGEDECK_CARD_FRAUD", raising=False)
    return tmp_path


def ignore(done: int, total: int) -> None:
    """Progress nobody looks at."""


def test_a_fetch_tells_its_progress_and_keeps_the_file(address: str) -> None:
    told: list[tuple[int, int]] = []
    path = data_sources.fetch_card_fraud(lambda done, total: told.append((done, total)), f"{address}/whole")
    assert path.read_bytes() == BODY
    assert told[-1] == (len(BODY), len(BODY))


def test_what_was_fetched_is_found_again(address: str) -> None:
    assert data_sources.card_fraud_path() is None
    assert data_sources.fetch_card_fraud(ignore, f"{address}/whole") == data_sources.card_fraud_path()


def test_a_broken_connection_leaves_no_file(address: str, folder: Path) -> None:
    with pytest.raises(Problem, match=r"the connection broke after 1\.0 of 2\.1 MB"):
        data_sources.fetch_card_fraud(ignore, f"{address}/broken")
    assert list(folder.iterdir()) == []


def test_offline_says_what_to_do_instead() -> None:
    with pytest.raises(Problem, match=r"the network cannot reach it .* or choose the generated data set"):
        data_sources.fetch_card_fraud(ignore, "http://127.0.0.1:9/creditcardfraud.zip")


def test_a_missing_page_is_told_by_its_status(address: str) -> None:
    with pytest.raises(Problem, match="the server answered 404 Not Found"):
        data_sources.fetch_card_fraud(ignore, f"{address}/none")


def test_the_environment_can_say_where_the_file_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEDECK_CARD_FRAUD", "/data/creditcard.csv")
    assert data_sources.card_fraud_path() == Path("/data/creditcard.csv")


def test_the_generated_set_has_the_size_and_imbalance_of_the_real_one() -> None:
    frame = data_sources.generated()
    assert (frame.shape, int(frame["Class"].sum())) == ((284_807, 31), 492)
    assert list(frame.columns) == ["Time", *(f"V{number}" for number in range(1, 29)), "Amount", "Class"]


def test_one_seed_generates_one_table() -> None:
    assert data_sources.generated(1000, 20, seed=3).equals(data_sources.generated(1000, 20, seed=3))


def test_the_breast_cancer_set_names_its_classes() -> None:
    assert data_sources.breast_cancer()["diagnosis"].value_counts().to_dict() == {"benign": 357, "malignant": 212}


def test_an_object_is_downloaded_once_a_version(folder: Path) -> None:
    account = FakeS3("Fake", "us-east-1", objects={"s3://mine/rows.csv": b"a\n1\n"})
    at = Address("mine", "rows.csv")
    first = data_sources.download(account, at, data_sources.version(account, at), ignore)
    account.objects["s3://mine/rows.csv"] = b"a\n2\n"
    second = data_sources.download(account, at, data_sources.version(account, at), ignore)
    assert (first.read_bytes(), second.read_bytes()) == (b"a\n1\n", b"a\n2\n")
    assert folder in first.parents
