"""The Endpoints page, over a running local service."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.queries import jobs as job_queries
from services import settings
from services.aws.account import Account
from services.costs import launch_budget
from services.costs.launch_budget import LaunchBudget
from services.data import prepared_data
from services.data.prepared_data import PreparedData
from services.data.target_kind import TargetKind
from services.endpoints import deploy as endpoint_deployment
from services.endpoints import describe as endpoint_details
from services.errors import Problem
from services.shutdown.background import Background
from services.training.jobs import TrainingJob
from services.training.plan import TrainingPlan
from tests.local.factories import unique
from tests.local_service import LocalService, eventually
from tests.pages.app import chosen, errors, metrics, open_page, stand_at, words
from tests.services.evaluation.kinds_factory import SETTINGS, make_kind
from tests.services.training_factory import WHEN, completed, make_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def job(local: LocalService, data: PreparedData) -> TrainingJob:
    return make_model(local.account, data)


@pytest.fixture(scope="module")
def live(local: LocalService, job: TrainingJob) -> str:
    """An endpoint in service; its name."""
    name = unique("live")
    endpoint_deployment.deploy(local.account, job, name, "ml.m4.xlarge", 1, WHEN)
    eventually(lambda: endpoint_details.describe(local.account, name).status == "InService")
    return name


def test_a_serverless_endpoint_is_shown_without_instances(account: Account, job: TrainingJob) -> None:
    endpoint_deployment.ensure_model(account, job)
    name, serverless = unique("serverless"), {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
    variant = {"VariantName": "AllTraffic", "ModelName": job.name, "ServerlessConfig": serverless}
    account.call("sagemaker", "create_endpoint_config", EndpointConfigName=name, ProductionVariants=[variant])
    account.call("sagemaker", "create_endpoint", EndpointName=name, EndpointConfigName=name)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    said = words(open_page("endpoints", endpoint=name))
    assert "serverless, since" in said
    assert "×" not in said


class Components(Account):
    """This computer, where every endpoint serves inference components, as AWS answers for those."""

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if "EndpointNameEquals" in parameters:
            component = {"InferenceComponentName": "llama", "VariantName": "AllTraffic"}
            return {"InferenceComponents": [{**component, "InferenceComponentStatus": "InService"}]}
        answer = super().call(service, operation, **parameters)
        if operation == "describe_endpoint_config":
            for variant in answer["ProductionVariants"]:
                del variant["ModelName"]
        return answer


def test_an_endpoint_of_inference_components_is_shown_with_them_and_what_cannot_be_done(
    account: Account, live: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "account", lambda title, region: Components(**vars(account)))
    page = open_page("endpoints", endpoint=live)
    assert not errors(page)
    said = words(page)
    assert "1 × ml.m4.xlarge, since" in said
    assert "Inference component `llama` on AllTraffic: InService" in said
    assert "It serves inference components: it cannot be paused, and no rows can be scored here." in said
    keys = [button.key for button in page.main.button]
    assert "delete_endpoint" in keys
    assert "pause_endpoint" not in keys
    scoring = open_page("evaluate", how=f"Endpoint {live}")
    assert errors(scoring) == [
        f"Endpoint {live}: it serves inference components, which score no rows here. Choose another scoring method."
    ]


def test_an_endpoint_of_many_models_is_shown_with_what_cannot_be_done(account: Account, job: TrainingJob) -> None:
    name, image = unique("many"), job.image
    container = {"Image": image, "Mode": "MultiModel", "ModelDataUrl": "s3://many/models/"}
    account.call("sagemaker", "create_model", ModelName=name, PrimaryContainer=container, ExecutionRoleArn=account.role)
    variant = {"VariantName": "one", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    account.call("sagemaker", "create_endpoint_config", EndpointConfigName=name, ProductionVariants=[variant])
    account.call("sagemaker", "create_endpoint", EndpointName=name, EndpointConfigName=name)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    page = open_page("endpoints", endpoint=name)
    assert not errors(page)
    said = words(page)
    assert "Serves the models under `s3://many/models/`" in said
    assert "It serves many models, so no rows can be scored here." in said
    assert {"delete_endpoint", "pause_endpoint"} <= {button.key for button in page.main.button}
    scoring = open_page("evaluate", how=f"Endpoint {name}")
    assert errors(scoring) == [
        f"Endpoint {name}: it serves many models, which score no rows here. Choose another scoring method."
    ]


def predict(page: AppTest) -> AppTest:
    page.button(key="predict_row").click().run()
    assert not page.exception
    return page


def test_without_a_model_the_next_step_is_to_train_one(
    own_local: LocalService, server: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    said = words(open_page("endpoints"))
    assert "There is no completed training job to deploy yet." in said
    assert "No endpoints, no cost." in said


def test_deploying_makes_an_endpoint_and_shows_it(account: Account, job: TrainingJob) -> None:
    page, name = open_page("endpoints", job=job.name), unique("page")
    page.text_input(key=f"endpoint_name_{job.name}").set_value(name)
    page.button(key="deploy").click().run()
    assert not page.exception
    assert chosen(page, "endpoint") == name
    assert endpoint_details.describe(account, name).job == job.name


@pytest.mark.usefixtures("account")
def test_a_job_that_is_older_than_the_list_is_offered_when_it_is_asked_for(
    job: TrainingJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_queries, "training_jobs", lambda account: [])
    assert chosen(open_page("endpoints", job=job.name), "deploy_job") == job.name


@pytest.mark.usefixtures("account")
def test_what_it_costs_is_told_before_the_click(job: TrainingJob) -> None:
    assert r"\$0.240/h, \$5.76 a day, until it is deleted; there is no maximum." in words(
        open_page("endpoints", job=job.name)
    )


def test_a_daily_limit_binds_endpoints_that_are_deployed_and_resumed(
    own_local: LocalService, server: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_at(monkeypatch, own_local.folder)
    account, name = own_local.account, unique("limited")
    job = make_model(account)
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    page = open_page("endpoints", endpoint=name, job=job.name)
    page.button(key="pause_endpoint").click().run()
    page.button(key="pause_confirm").click().run()
    eventually(lambda: not server.runs(account))
    launch_budget.save(account, LaunchBudget(per_day=0.0))
    page = open_page("endpoints", job=job.name)
    reserved = [text.value.rpartition(" of ")[2] for text in page.main.caption if "Reserves up to" in text.value]
    assert reserved == [r"\$0.00 left today (UTC)."] * 2  # to deploy, and to resume
    page.button(key="deploy").click().run()
    assert "and your limit per day is" in errors(page)[0]
    page.button(key=f"bring_back_{name}").click().run()
    assert errors(page)[0].startswith(f"Launch {name}: it may cost up to")
    assert not endpoint_details.summaries(account)


@pytest.mark.usefixtures("account")
def test_a_bad_name_is_one_sentence_and_stays_typed(job: TrainingJob) -> None:
    page = open_page("endpoints", job=job.name)
    key = f"endpoint_name_{job.name}"
    page.text_input(key=key).set_value("my endpoint")
    page.button(key="deploy").click().run()
    assert errors(page)[0].startswith("Endpoint name 'my endpoint': it may hold letters")
    assert page.text_input(key=key).value == "my endpoint"


@pytest.mark.usefixtures("account")
def test_a_row_is_scored_between_no_and_yes(data: PreparedData, live: str) -> None:
    page = open_page("endpoints", endpoint=live)
    scores = []
    for size in (-3.0, 3.0):
        page.number_input(key="feature_size").set_value(size)
        scores.append(float(metrics(predict(page))["Score for ill = yes"]))
    assert 0 <= scores[0] < scores[1] <= 1


@pytest.mark.usefixtures("account")
def test_a_file_is_scored_and_counted(live: str) -> None:
    page = open_page("endpoints", endpoint=live)
    content = b"age,size,weight,note\n1,-3,0,a\n0,3,1,b\n"
    page.file_uploader(key="file").set_value(("rows.csv", content, "text/csv")).run()
    assert not page.exception
    assert not errors(page)
    assert "**2 rows** scored" in words(page)


@pytest.mark.usefixtures("account")
def test_a_scored_file_stays_when_the_page_runs_again(live: str) -> None:
    page = open_page("endpoints", endpoint=live)
    page.file_uploader(key="file").set_value(("rows.csv", b"age,size,weight\n1,-3,0\n", "text/csv")).run()
    page.run()
    assert not page.exception
    assert not errors(page)
    assert "**1 row** scored" in words(page)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    "content", [b"age,size,weight\n,2,1\n", b"age;size;weight\n1,5;2,25;1\n", b"age,size,weight\n01,2,1\n"]
)
def test_a_row_with_an_empty_cell_decimal_commas_or_leading_zeros_is_scored(live: str, content: bytes) -> None:
    page = open_page("endpoints", endpoint=live)
    page.file_uploader(key="file").set_value(("rows.csv", content, "text/csv")).run()
    assert not errors(page)
    assert "**1 row** scored" in words(page)


@pytest.mark.usefixtures("account")
def test_numbers_in_quotes_with_a_decimal_comma_are_scored(live: str) -> None:
    page = open_page("endpoints", endpoint=live)
    page.file_uploader(key="file").set_value(("rows.csv", b'age,size,weight\n"1,5",2,1\n"2,5",1,1\n', "text/csv")).run()
    assert not errors(page)
    assert "**2 rows** scored" in words(page)


@pytest.mark.usefixtures("account")
def test_a_row_and_a_file_of_several_classes_are_predicted(account: Account) -> None:
    data, name = make_kind(account, TargetKind.CLASSES), unique("classes")
    plan = TrainingPlan(unique("classes"), data, SETTINGS[TargetKind.CLASSES], "ml.m4.xlarge", 1, 600)
    endpoint_deployment.deploy(account, completed(account, plan), name, "ml.m4.xlarge", 1, WHEN)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    page = open_page("endpoints", endpoint=name)
    page.number_input(key="feature_size").set_value(-3.0)
    assert metrics(predict(page))["Predicted rating"] == "low"
    page.file_uploader(key="file").set_value(("rows.csv", b"size,age,weight\n-3,0,0\n3,0,0\n", "text/csv")).run()
    assert "**2 rows** scored: **1** low, **1** high." in words(page)
    columns = next(list(each.value.columns) for each in page.main.dataframe if "predicted" in each.value.columns)
    assert columns[:4] == ["predicted", "probability of low", "probability of middle", "probability of high"]


@pytest.mark.usefixtures("account")
def test_how_a_file_to_predict_was_read_is_told(live: str) -> None:
    page = open_page("endpoints", endpoint=live)
    page.file_uploader(key="file").set_value(("rows.csv", b"age;size;weight\n1,5;2,25;1\n", "text/csv")).run()
    assert "Decimal commas in columns age, size: 1,5 is read as 1.5." in words(page)


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"age,size\n1,2\n", "columns are missing: weight"),
        (b"age,size,weight\n1,2,heavy\n", "these columns are not numbers: weight"),
        (b"age,size\n1,2,3\n", "row 2: Expected 2 columns, got 3: 1,2,3"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_that_does_not_fit_is_one_sentence(live: str, content: bytes, sentence: str) -> None:
    page = open_page("endpoints", endpoint=live)
    page.file_uploader(key="file").set_value(("rows.csv", content, "text/csv")).run()
    assert not page.exception
    assert len(errors(page)) == 1
    assert errors(page)[0].startswith("File rows.csv: ")
    assert sentence in errors(page)[0]


def test_deleting_asks_once_and_then_really_deletes(account: Account, job: TrainingJob, server: Background) -> None:
    name = unique("doomed")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)
    page = open_page("endpoints", endpoint=name)
    page.button(key="delete_endpoint").click().run()
    assert name in {each.name for each in endpoint_details.summaries(account)}
    page.button(key="shutdown_confirm").click().run()
    assert not page.exception
    eventually(lambda: not server.runs(account))
    assert name not in {each.name for each in endpoint_details.summaries(account)}
    assert "**1 of 1 resource is shut down**" in words(page.run())


def test_an_endpoint_is_paused_and_brought_back(account: Account, job: TrainingJob, server: Background) -> None:
    name = unique("paused")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")
    page = open_page("endpoints", endpoint=name)
    page.button(key="pause_endpoint").click().run()
    page.button(key="pause_confirm").click().run()
    eventually(lambda: not server.runs(account))
    page.run()
    assert "**1 of 1 resource is paused**" in words(page)
    assert name not in {each.name for each in endpoint_details.summaries(account)}
    (told,) = [line for line in words(page).splitlines() if line.startswith(f"**{name}**, paused ")]
    assert told.endswith(r": <\$0.01 saved so far. It costs \$0.240/h once resumed.")
    page.button(key=f"bring_back_{name}").click().run()
    assert not page.exception
    assert name in {each.name for each in endpoint_details.summaries(account)}


def test_a_model_of_data_that_was_not_prepared_here_is_paused_and_deleted_like_others(
    account: Account, job: TrainingJob, server: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = unique("strange")
    endpoint_deployment.deploy(account, job, name, "ml.m4.xlarge", 1, WHEN)
    eventually(lambda: endpoint_details.describe(account, name).status == "InService")

    def unknown(account: Account, address: str) -> PreparedData:
        raise Problem(f"Training data {address}", "it was not prepared here", "Choose a prepared data set")

    monkeypatch.setattr(prepared_data, "trained_on", unknown)
    page = open_page("endpoints", endpoint=name)
    assert "it was not prepared here" in page.main.warning[0].value
    assert page.selectbox(key=f"predict_data_{job.name}").options
    page.button(key="pause_endpoint").click().run()
    assert page.button(key="pause_confirm")
    page.button(key="pause_cancel").click().run()
    page.button(key="delete_endpoint").click().run()
    page.button(key="shutdown_confirm").click().run()
    eventually(lambda: not server.runs(account))
    assert name not in {each.name for each in endpoint_details.summaries(account)}
