"""docs/notebooks: each runs as it stands from first cell to last, keeps what it promises, and leaves no bill."""

import re
from ast import literal_eval
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import nbformat
import pytest

from services.inventory.all_kinds import scan_now
from tests.local import notebooks, sample_tables
from tests.local.factories import BUCKET
from tests.local_service import PROJECT, LocalService

FOLDER = PROJECT / "docs" / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
Said = dict[str, str]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """A local service in which nobody but the notebooks makes anything."""
    service = LocalService(tmp_path_factory.mktemp("account"))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def said(account: LocalService, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Said]:
    """What the cells of a notebook showed; it is run when it is first asked for."""
    samples, s3 = tmp_path_factory.mktemp("samples"), account.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    variables = {"CHURN_DATA": str(sample_tables.churn(samples))}
    tables = {
        "ABALONE_DATA": sample_tables.abalone,
        "BANK_DATA": sample_tables.bank,
        "CANCER_DATA": sample_tables.cancer,
    }
    for variable, write in tables.items():
        path = write(samples)
        s3.upload_file(str(path), BUCKET, f"samples/{path.name}")
        variables[variable] = f"s3://{BUCKET}/samples/{path.name}"

    @cache
    def run(name: str) -> Said:
        return notebooks.run(account, FOLDER / f"{name}.ipynb", tmp_path_factory.mktemp(name), **variables)

    return run


def table(text: str) -> dict[str, list[float]]:
    """The rows of a data frame of numbers as it is printed, by their label."""
    rows = [line.split() for line in text.splitlines()[1:]]
    return {label: [float(number) for number in numbers] for label, *numbers in rows}


@pytest.mark.parametrize("path", sorted(PROJECT.glob("docs/**/*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(path: Path) -> None:
    cells = nbformat.read(path, as_version=4).cells
    nbformat.validate(nbformat.read(path, as_version=4))
    assert [cell.id for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.parametrize("path", sorted(PROJECT.glob("docs/**/*.ipynb")), ids=lambda path: path.stem)
def test_cells_are_named_by_words_so_that_a_change_shows(path: Path) -> None:
    names = [cell.id for cell in nbformat.read(path, as_version=4).cells]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


def test_readme_lists_every_notebook() -> None:
    assert sorted(re.findall(r"\]\((\w+)\.ipynb\)", (FOLDER / "README.md").read_text())) == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_bills_is_left(account: LocalService, said: Callable[[str], Said], name: str) -> None:
    said(name)
    inventory = scan_now(account.account, datetime.now(UTC))
    assert (inventory.resources, inventory.failures) == ((), ())


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_models_configurations_and_files_are_deleted(
    account: LocalService, said: Callable[[str], Said], name: str
) -> None:
    said(name)
    sagemaker = account.client("sagemaker")
    objects = account.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert [item["Key"] for item in objects if not item["Key"].startswith("samples/")] == []


@pytest.mark.slow
def test_abalone_is_predicted_better_than_by_the_mean(said: Callable[[str], Said]) -> None:
    errors = literal_eval(said("xgboost_abalone")["predicting"])
    assert errors["rmse"] < 0.8 * errors["rmse of guessing the mean"]


@pytest.mark.slow
def test_cloudwatch_has_both_errors_of_abalone(said: Callable[[str], Said]) -> None:
    assert set(re.findall(r"\w+:rmse", said("xgboost_abalone")["metrics"])) == {"train:rmse", "validation:rmse"}


@pytest.mark.slow
def test_the_error_on_the_endpoint_is_about_that_of_the_training(said: Callable[[str], Said]) -> None:
    cells = said("xgboost_abalone")
    validation = literal_eval(cells["final"])["validation:rmse"]
    assert literal_eval(cells["predicting"])["rmse"] == pytest.approx(validation, rel=0.15)


@pytest.mark.slow
def test_softprob_gives_each_row_probabilities_that_sum_to_one(said: Callable[[str], Said]) -> None:
    shown = literal_eval(said("xgboost_churn_softprob")["accuracy"])
    assert [shown["lowest sum"], shown["highest sum"]] == pytest.approx([1, 1], abs=1e-6)


@pytest.mark.slow
def test_softprob_is_right_more_often_than_the_base_rate(said: Callable[[str], Said]) -> None:
    shown = literal_eval(said("xgboost_churn_softprob")["accuracy"])
    assert shown["accuracy"] > shown["base rate"] + 0.03


@pytest.mark.slow
def test_softprob_as_json_has_the_scores_of_the_csv(said: Callable[[str], Said]) -> None:
    cells = said("xgboost_churn_softprob")
    scores = [prediction["score"] for prediction in literal_eval(cells["json"])["predictions"]]
    rows = literal_eval(re.sub(r"^array\(|\)$", "", cells["predicting"]))
    assert scores == [pytest.approx(row, abs=1e-6) for row in rows]


@pytest.mark.slow
def test_the_cheapest_cutoff_costs_less_than_none_and_than_one_half(said: Callable[[str], Said]) -> None:
    costs = literal_eval(said("xgboost_churn_softprob")["costs"])
    assert costs["cost"] < min(costs["cost at 0.5"], costs["cost without a model"])


@pytest.mark.slow
def test_parquet_trains_the_model_that_csv_trains(said: Callable[[str], Said]) -> None:
    errors = table(said("xgboost_parquet")["comparison"])
    assert set(errors) == {"train:rmse", "validation:rmse"}
    assert all(of_parquet == of_csv for of_csv, of_parquet in errors.values())


@pytest.mark.slow
def test_parquet_trains_a_model_that_is_better_than_the_mean(said: Callable[[str], Said]) -> None:
    cells = said("xgboost_parquet")
    assert table(cells["comparison"])["validation:rmse"][1] < 0.8 * float(cells["deviation"])


@pytest.mark.slow
def test_equal_weights_share_the_traffic(said: Callable[[str], Said]) -> None:
    answered = literal_eval(said("xgboost_ab_variants")["traffic"])
    assert sum(answered.values()) == 100
    assert min(answered["Plain"], answered["Deep"]) > 20


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["metrics", "total"])
def test_cloudwatch_counts_what_each_variant_answered(said: Callable[[str], Said], cell: str) -> None:
    cells = said("xgboost_ab_variants")
    counted, answered = (
        literal_eval(cells["total"])
        if cell == "total"
        else (literal_eval(cells["metrics"]), literal_eval(cells["traffic"]))
    )
    assert counted == answered


@pytest.mark.slow
def test_a_target_variant_is_asked_past_the_weights(said: Callable[[str], Said]) -> None:
    quality = literal_eval(said("xgboost_ab_variants")["evaluation"])
    assert quality["Deep"] > quality["Plain"] > 0.5


@pytest.mark.slow
def test_the_traffic_follows_the_weights(said: Callable[[str], Said]) -> None:
    cells = said("xgboost_ab_variants")
    assert literal_eval(cells["shifting"]) == {"Plain": 1, "Deep": 3}
    answered = literal_eval(cells["quarter"])
    assert 20 < answered["Plain"] < answered["Deep"]


@pytest.mark.slow
def test_in_the_end_one_variant_answers_everything(said: Callable[[str], Said]) -> None:
    cells = said("xgboost_ab_variants")
    assert (literal_eval(cells["winner"]), literal_eval(cells["all"])) == ({"Plain": 0, "Deep": 1}, {"Deep": 50})


@pytest.mark.slow
def test_a_joined_record_is_the_input_and_its_score(said: Callable[[str], Said]) -> None:
    (rows, columns), (records, cells) = literal_eval(said("batch_transform_associate")["joining"])
    assert (rows, columns) == (records, cells + 1)


@pytest.mark.slow
def test_filtered_records_are_identifier_and_score_in_order(said: Callable[[str], Said]) -> None:
    shown = literal_eval(said("batch_transform_associate")["order"])
    assert shown == {"rows": 89, "as in the input": True, "as in the first job": True}


@pytest.mark.slow
def test_scores_belong_to_their_identifiers(said: Callable[[str], Said]) -> None:
    lines = said("batch_transform_associate")["confusion"].splitlines()[2:]
    (right, wrong), (missed, found) = ([int(count) for count in line.split()[1:]] for line in lines)
    assert right + found > 10 * (wrong + missed)


@pytest.mark.slow
def test_the_target_model_is_the_one_that_answers(said: Callable[[str], Said]) -> None:
    answers = table(said("xgboost_multi_model")["predicting"])
    assert all(of_female != of_infant for of_female, of_infant in answers.values())


@pytest.mark.slow
def test_a_model_that_is_not_there_is_told_by_its_address(said: Callable[[str], Said]) -> None:
    code, message, _ = said("xgboost_multi_model")["missing"].split("\n", 2)
    assert code == "ValidationError 400"
    assert re.search(r"Failed to download model data.*/models/male\.tar\.gz", message)


@pytest.mark.slow
def test_a_model_is_added_by_a_copy_to_s3(said: Callable[[str], Said]) -> None:
    errors = table(said("xgboost_multi_model")["errors"])
    assert errors["male"][1] == min(errors[sex][1] for sex in errors)
