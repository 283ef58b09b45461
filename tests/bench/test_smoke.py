"""Every bench runs to its end, at sizes that take seconds: its figures mean nothing here, that there are some does."""

from pathlib import Path

import pandas as pd
import pytest

from tests.bench import (
    __main__,
    api_calls,
    costs_page,
    default_recipe,
    demo_costs,
    explanation_time,
    first_paint,
    invocation_rate,
    job_start,
    layout_shift,
    metrics_time,
    page_opening,
    peers,
    prediction_time,
    preparation_time,
    recipe_time,
    region_scan,
    service_memory,
    single_invocation,
    training_time,
    tuning_time,
)
from tests.local import factories
from tests.local_service import LocalService

pytestmark = pytest.mark.slow


@pytest.fixture
def frame() -> pd.DataFrame:
    from services.data.table_sources.sources import generated

    return generated().sample(4000, random_state=1, weights=generated()["Class"] * 50 + 1)


def test_the_path_from_a_table_to_predictions(own_local: LocalService, frame: pd.DataFrame, tmp_path: Path) -> None:
    preparation = preparation_time.PreparationTime(own_local, frame, tmp_path)
    assert __main__.seconds(preparation.ours) > 0
    assert __main__.seconds(preparation.plain) > 0
    trained = training_time.TrainingTime(own_local, preparation.data)
    assert __main__.seconds(trained.ours) > 0
    assert __main__.seconds(trained.plain) > 0
    for bench in (
        tuning_time.TuningTime(own_local, preparation.data),
        prediction_time.PredictionTime(own_local, preparation.data, trained.job),
        invocation_rate.InvocationRate(own_local, preparation.data, trained.job),
    ):
        assert __main__.seconds(bench.ours) > 0
        assert __main__.seconds(bench.plain) > 0
    explained = explanation_time.ExplanationTime(own_local, preparation.data, trained.job)
    assert explained.ours() > 0
    assert explained.plain() > 0
    assert job_start.seconds_to_first_line(own_local) > 0
    endpoint = factories.deploy(
        own_local, own_local.client("sagemaker").describe_training_job(TrainingJobName=trained.job)
    )
    with single_invocation.SingleInvocation(own_local, endpoint) as asked:
        assert min(asked.seconds()) > 0


def test_a_recipe_of_twenty_steps(frame: pd.DataFrame) -> None:
    recipes = recipe_time.RecipeTime(frame)
    assert recipes.ours() == recipes.plain()
    assert recipes.seconds_of_a_row() > 0


def test_a_threshold_and_a_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_time, "CALLS", 2)
    assert metrics_time.ThresholdTime(2000).seconds(thresholds=3) > 0
    resamples = metrics_time.BootstrapTime(500, 20)
    assert resamples.ours() > 0
    assert resamples.plain() > 0


def test_our_side_of_the_profiles(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    frame.to_csv(path, index=False)
    assert __main__.seconds(lambda: peers.first_numbers(frame)) > 0
    assert __main__.seconds(lambda: peers.report(frame)) > 0
    assert __main__.seconds(lambda: peers.summary(path)) > 0


def test_calls_of_the_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_calls, "JOBS", 20)
    monkeypatch.setattr(api_calls, "CALLS", 5)
    monkeypatch.setattr(api_calls, "PAGE", 5)
    with api_calls.ApiCalls(tmp_path / "answering") as calls:
        assert calls.ours() > 0
        assert calls.plain() > 0
        assert calls.page() > 0


def test_memory_of_the_service(own_local: LocalService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"JOBS": 2, "ENDPOINTS": 1, "DATA": 1 << 20, "BODY_ROWS": 10}.items():
        monkeypatch.setattr(service_memory, name, size)
    assert service_memory.peak(own_local, tmp_path)[0] > 0


def test_scan_of_regions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(region_scan, "DEFAULT_REGIONS", ("us-east-1", "us-west-2"))
    monkeypatch.setattr(region_scan, "EACH", 1)
    monkeypatch.setattr(region_scan, "LATENCY", 0.0)
    scan = region_scan.RegionScan()
    assert scan.ours() > 0
    assert scan.first() > 0
    assert scan.threads() > 0
    assert scan.plain() > 0


@pytest.mark.browser
def test_first_paint_and_layout_shift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_paint, "WARM_UP", 1.0)
    monkeypatch.setattr(layout_shift, "WARM_UP", 1.0)
    with first_paint.FirstPaint(tmp_path) as paint:
        assert paint.ours() > 0
        assert paint.plain() > 0
    with layout_shift.LayoutShift(tmp_path, seeded=False) as shift:
        assert shift.of_empty_app() >= 0
        assert shift.of_page("costs") >= 0


@pytest.mark.browser
def test_opening_of_long_searches_and_histories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"MANY_TRIALS": 12, "MANY_JOBS": 6, "FEW_JOBS": 3, "WARM_UP": 1.0}.items():
        monkeypatch.setattr(page_opening, name, size)
    with page_opening.PageOpening(tmp_path, 1) as opened:
        assert opened.trials(12) > 0
        assert opened.history(6) > 0


@pytest.mark.browser
def test_opening_of_costs_beside_a_plain_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_costs, "REMEMBERED", 0.1)
    monkeypatch.setattr(demo_costs, "WARM_UP", 1.0)
    with demo_costs.DemoCosts(tmp_path, lambda data: costs_page.fill(data, 3)) as costs:
        assert costs.ours() > 0
        assert costs.plain() > 0


@pytest.mark.browser
def test_opening_of_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"MANY": 6, "FEW": 3, "REMEMBERED": 0.1, "WARM_UP": 1.0}.items():
        monkeypatch.setattr(costs_page, name, size, raising=name != "WARM_UP")
    with costs_page.CostsPage(tmp_path) as bills:
        assert bills.cold(6) > 0
        assert bills.warm(6) > 0


@pytest.mark.skipif(not default_recipe.CHURN.exists(), reason="the table is not beside the project")
def test_the_defaults_make_models_as_good_as_one_hot_encoding_by_hand() -> None:
    assert default_recipe.difference(*default_recipe.churn(), seeds=range(5)) >= -0.01
