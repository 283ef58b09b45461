"""The threshold on the Evaluate page: chosen by an aim on validation rows, saved, and applied."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.components.evaluate import show_code
from pages.components.queries import data_sets as data_queries
from pages.components.queries import evaluations
from pages.components.queries.evaluations import FILE, Choice
from services.algorithms.xgboost import XGBOOST
from services.aws import documents
from services.data.prepared_data import load, save_manifest
from services.evaluation.decision import expected_cost, saved_decision
from services.evaluation.decision.expected_cost import Costs
from services.evaluation.decision.saved_decision import AppliedThreshold, SavedDecision
from services.evaluation.decision.threshold_aims import Aim
from services.evaluation.evaluated_model import of_job
from services.evaluation.metrics import Scored
from tests.pages.app import errors, words
from tests.pages.test_evaluate import PAGE, account, make_test_rows, make_training_job, open_page
from tests.services.evaluation.decision.test_saved_decision import make_decision
from tests.services.evaluation.test_scoring import MODEL, FakeAccount

__all__ = ["account"]  # the fixture
VALIDATION = 120


@pytest.fixture
def validated(account: FakeAccount) -> FakeAccount:
    """The account, whose data has validation rows, too: the first of the test rows."""
    labels, features = make_test_rows()
    rows = np.column_stack([labels, features.to_pandas().to_numpy()])[:VALIDATION]
    data = load(account, "cards")
    data = replace(
        data,
        rows={**data.rows, "validation": VALIDATION},
        positives={**data.positives, "validation": int(labels[:VALIDATION].sum())},
    )
    text = "".join(",".join(f"{cell:.17g}" for cell in row) + "\n" for row in rows)
    account.objects[str(data.file("validation"))] = text.encode()
    save_manifest(account, data)
    return account


def scored(account: FakeAccount, split: str) -> Scored:
    found = evaluations.evaluate_model(account, make_training_job(), load(account, "cards"), split).scored
    assert isinstance(found, Scored)
    return found


def on_validation() -> AppTest:
    page = open_page()
    page.selectbox(key="split").set_value("validation").run()
    return page.button(key="score").click().run()


def with_costs(page: AppTest, miss: float, false_alarm: float) -> AppTest:
    page.number_input(key="cost_miss").set_value(miss)
    page.number_input(key="cost_false_alarm").set_value(false_alarm).run()
    assert not page.exception
    return page


def decided(account: FakeAccount) -> SavedDecision:
    stored = saved_decision.read(account, MODEL)
    assert stored
    return stored.document


def save(account: FakeAccount, threshold: float, **members: object) -> None:
    decision = make_decision(MODEL, threshold).model_copy(update=members)
    account.objects[str(saved_decision.address(MODEL))] = documents.to_json(decision)


def keys(page: AppTest) -> set[str | None]:
    return {button.key for button in page.main.button}


def test_the_cheapest_threshold_on_validation_rows_is_one_click_and_saved_with_its_reason(
    validated: FakeAccount,
) -> None:
    page = with_costs(on_validation(), 50, 1)
    page.button(key="use_threshold").click().run()
    page.button(key="save_decision").click().run()
    decision = decided(validated)
    found = expected_cost.minimum(scored(validated, "validation"), Costs(50, 1))
    assert (decision.threshold, decision.aim) == (found.threshold, Aim.COST)
    assert (
        decision.reason == f"Lowest expected cost on {VALIDATION} validation rows: a miss costs $50, a false alarm $1"
    )
    assert (decision.chosen_on.split, decision.chosen_on.rows, decision.decided_by) == (
        "validation",
        VALIDATION,
        "user/fake",
    )
    assert f"Saved decision: {found.threshold:g}" in words(page)


def test_a_threshold_set_by_hand_is_saved_with_what_the_person_wrote(validated: FakeAccount) -> None:
    page = on_validation()
    page.slider(key="threshold").set_value(0.25).run()
    page.text_input(key="decision_reason_0").set_value("As agreed with the fraud desk")
    page.button(key="save_decision").click().run()
    decision = decided(validated)
    assert (decision.threshold, decision.aim, decision.reason) == (0.25, Aim.BY_HAND, "As agreed with the fraud desk")


@pytest.mark.usefixtures("validated")
def test_on_test_rows_no_threshold_is_proposed_before_the_validation_rows_are_scored() -> None:
    page = open_page().selectbox(key="split").set_value("test").run()
    page = with_costs(page.button(key="score").click().run(), 50, 1)
    assert "A threshold chosen on them would look better than it is" in words(page)
    assert "use_threshold" not in keys(page)
    page.button(key="score_to_choose").click().run()
    assert "use_threshold" in keys(page)
    assert f"{VALIDATION} validation rows" in words(page)


@pytest.mark.usefixtures("account")
def test_data_without_validation_rows_says_what_choosing_on_test_rows_means() -> None:
    page = with_costs(open_page().button(key="score").click().run(), 50, 1)
    assert "This data has no validation rows" in words(page)
    assert "use_threshold" in keys(page)


def test_the_money_of_the_rows_is_said_with_their_own_counts(validated: FakeAccount) -> None:
    page = with_costs(on_validation(), 500, 10)
    at = scored(validated, "validation").at(0.5)
    told = words(page).replace("\\", "")
    assert f"{at.fp} false alarms cost ${at.fp * 10:,}, {at.fn} misses ${at.fn * 500:,}" in told
    assert f"flagging none costs ${at.positives * 500:,}" in told


def test_the_slider_begins_at_the_saved_decision_with_its_costs(validated: FakeAccount) -> None:
    save(validated, 0.31)
    page = on_validation()
    assert page.slider(key="threshold").value == 0.31
    assert page.number_input(key="cost_miss").value == 500


def test_a_threshold_in_the_address_wins_over_the_decision(validated: FakeAccount) -> None:
    save(validated, 0.31)
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["threshold"] = "0.7"
    page.run().button(key="score").click().run()
    assert page.slider(key="threshold").value == 0.7


def test_what_is_no_threshold_in_the_address_is_passed_over(validated: FakeAccount) -> None:
    save(validated, 0.31)
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["threshold"] = "high"
    page.run().button(key="score").click().run()
    assert not page.exception
    assert page.slider(key="threshold").value == 0.31


def test_a_newer_decision_of_somebody_else_is_shown_and_not_overwritten(
    validated: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = on_validation()

    def overtaken(*_: object, **__: object) -> str:
        save(validated, 0.44, decided_by="user/ben")
        raise documents.ChangedMeanwhileError("decision.json")

    with monkeypatch.context() as patch:
        patch.setattr(saved_decision, "save", overtaken)
        page.button(key="save_decision").click().run()
    assert "yours was not saved" in page.warning[0].value
    assert "user/ben" in words(page)
    page.button(key="save_decision").click().run()
    assert (decided(validated).threshold, len(page.warning)) == (0.5, 0)


def test_a_damaged_decision_is_named_and_the_page_goes_on(validated: FakeAccount) -> None:
    validated.objects[str(saved_decision.address(MODEL))] = b"{"
    page = on_validation()
    assert str(saved_decision.address(MODEL)) in errors(page)[0].replace("\\", "").replace("`", "")
    assert "set_decision_aside" in keys(page)
    assert page.slider(key="threshold").value == 0.5


@pytest.mark.usefixtures("validated")
@pytest.mark.parametrize(
    ("aim", "field", "value", "said"),
    [
        (Aim.COST, "cost_miss", 0, "all amounts are 0"),
        (Aim.CAPACITY, "aim_capacity", 0, "capacity below 1"),
        (Aim.RECALL, "aim_recall", 0, "not above 0"),
        (Aim.F_BETA, "aim_f_beta", 0, "beta is not above 0"),
    ],
)
def test_a_number_that_cannot_be_is_one_sentence_and_the_cards_stay(
    aim: Aim, field: str, value: float, said: str
) -> None:
    page = with_costs(on_validation(), 0, 0) if aim is Aim.COST else on_validation()
    page.segmented_control(key="aim").set_value(aim).run()
    page.number_input(key=field).set_value(value).run()
    assert not page.exception
    assert [said in error for error in errors(page)] == [True]
    assert page.number_input(key=field).value == value
    assert "Precision" in {metric.label for metric in page.main.metric}


def test_rows_of_one_class_choose_no_threshold_in_one_sentence(validated: FakeAccount) -> None:
    data = load(validated, "cards")
    ones = evaluations.new_evaluation(data, np.zeros(9, np.int8), np.linspace(0.1, 0.9, 9))
    evaluations.save(Choice(validated, "cards-1", FILE, "cards", "validation"), ones)
    page = open_page()
    page.selectbox(key="split").set_value("validation").run()
    assert "there are no positive rows" in errors(with_costs(page, 5, 1))[0]


def test_the_script_applies_the_decision_and_says_so(account: FakeAccount) -> None:
    choice = Choice(account, "cards-1", FILE, "cards", "test")
    data, model = load(account, "cards"), of_job(make_training_job())
    applied = AppliedThreshold(0.31, make_decision(MODEL))
    script = show_code.script(choice, data, model, XGBOOST.answers, "ml.m4.xlarge", applied)
    compile(script, "shown", "exec")
    assert '"threshold": 0.31' in script
    assert "The saved decision is applied here" in script
    assert 'print("cost"' in script
    usual = show_code.script(choice, data, model, XGBOOST.answers, "ml.m4.xlarge", AppliedThreshold())
    assert "No decision is saved: the usual threshold is applied here" in usual


@pytest.mark.slow
def test_a_row_is_predicted_by_the_saved_decision(account: FakeAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.components.queries import models, table_cache
    from services.data.table_sources import sources
    from services.evaluation import model_file

    monkeypatch.setattr(data_queries, "recipe", lambda account, name: None)
    monkeypatch.setattr(table_cache, "version", sources.version)
    monkeypatch.setattr(models, "_model", lambda account, uri, version: model_file.load(account, uri))
    for threshold, name in ((0.0, "fraud"), (1.0, "legitimate")):
        save(account, threshold)
        page = AppTest.from_file(PAGE, default_timeout=30)
        page.session_state["predict_open"] = True
        page.run().button(key="predict_row").click().run()
        assert f"Predicted class: **{name}** (threshold {threshold:g})" in words(page)
        assert "decided by user/ana: A miss costs 50 false alarms" in words(page)
