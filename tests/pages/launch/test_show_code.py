""" "Show the code" of the launch forms, and the notebook of the whole path, over a running local service."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.launch.show_code import BOTO3, SDK
from services.data.prepared_data import PreparedData
from tests.local_service import LocalService
from tests.pages.app import open_page, stand_at, words
from tests.services.training_factory import make_data

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("account")]
FORMS = [{"name": "train"}, {"name": "tune", "tune_view": "New search"}]
both_forms = pytest.mark.parametrize("form", FORMS, ids=["train", "tune"])


def shown(page: AppTest, way: str) -> str:
    """The script written that way."""
    page.segmented_control(key="code_way").set_value(way).run()
    assert not page.exception
    script = str(page.main.code[0].value)
    compile(script, "shown", "exec")
    return script


def downloads(page: AppTest) -> list[str]:
    return [button.label for button in page.main.download_button]


@both_forms
def test_the_code_is_shown_with_either_library(data: PreparedData, form: dict[str, str]) -> None:
    page = open_page(**form, data=data.name)
    assert "ModelTrainer(" in shown(page, SDK)
    script = shown(page, BOTO3)
    assert "sagemaker.create_" in script
    assert data.channel("train") in script


@both_forms
def test_a_launch_form_offers_the_whole_path_as_a_notebook(data: PreparedData, form: dict[str, str]) -> None:
    assert downloads(open_page(**form, data=data.name)) == ["Download as notebook"]


def test_the_start_page_offers_the_path_as_a_notebook_once_there_is_data(
    own_local: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    make_data(own_local.account)
    assert downloads(open_page("start")) == ["Download as notebook"]


def test_a_model_that_gives_no_probabilities_has_no_notebook_but_the_reason(data: PreparedData) -> None:
    page = open_page("train", data=data.name)
    page.selectbox(key="hp_objective").set_value("binary:hinge").run()
    assert downloads(page) == []
    assert "Notebook not available: Objective `binary:hinge:` " in words(page)
