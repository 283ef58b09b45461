"""How the rows are scored: the model file here, an endpoint, or a batch transform job; each with its price and time."""

import streamlit as st

from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries import prices as price_queries
from pages.components.queries.evaluation import evaluations
from pages.components.queries.evaluation.evaluations import BATCH, FILE
from pages.components.shell import formats
from services.aws.account import Account
from services.data.prepared_data import PreparedData
from services.endpoints.describe import Endpoint, EndpointStatus
from services.errors import Problem
from services.evaluation import scoring_time
from services.evaluation.evaluated_model import EvaluatedModel
from services.pricing import rates


def choose(account: Account, model: EvaluatedModel, data: PreparedData, split: str) -> str:
    """FILE, BATCH or the name of an endpoint. Raises Problem for a model that nothing here can score."""
    own = [FILE] * model.is_read_here + [BATCH] * (model.job is not None)
    serving = [
        endpoint.name
        for endpoint in endpoint_queries.endpoints(account)
        if endpoint.status == EndpointStatus.IN_SERVICE
    ]
    if not own and not serving:
        said = "only its own container can score it, and no training job of it is here"
        raise Problem(f"Model {model.name}", said, "Deploy it, and score through its endpoint")
    options = [*own, *serving]
    if st.session_state.get("how") not in options:  # of a model of another kind
        st.session_state.pop("how", None)
    how = st.segmented_control(
        "Scoring method",
        options,
        format_func=evaluations.method_label,
        default=options[0],
        required=True,
        key="how",
        bind="query-params",
        help="The model file is scored on this computer. An endpoint bills for as long as it exists",
    )
    endpoint = None if how in (FILE, BATCH) else endpoint_queries.endpoint(account, how)
    st.caption(formats.plain(_price_and_time(account, model, how, endpoint, (data.rows[split], len(data.features)))))
    if endpoint:
        _check_served(endpoint, model)
    return how


def _price_and_time(
    account: Account, model: EvaluatedModel, how: str, endpoint: Endpoint | None, size: tuple[int, int]
) -> str:
    """What scoring `size` rows and columns costs and takes, a sentence or two."""
    if how == BATCH:
        title = model.algorithm.title if model.algorithm and not model.is_read_here else ""
        why = f"Only the {title} container can read its model file, so SageMaker has to score the rows. " * bool(title)
        return f"{why}An instance starts for the job and stops after it: about {_about(scoring_time.of_batch(*size))}."
    if endpoint is None:
        return f"Free, about {_about(scoring_time.of_file(*size))}: the model file is scored on this computer."
    time = f"about {_about(scoring_time.of_endpoint(*size))}"
    instances = [(one.instance_type, one.instance_count) for one in endpoint.variants if one.instance_type]
    if not instances:
        return f"Billed per request, by memory and time: {time}."
    rate = rates.rate(instances, "Hosting", price_queries.book(account))
    return f"It bills {formats.dollars_an_hour(rate)} already, and scoring adds nothing: {time}."


def _about(seconds: float) -> str:
    """ "10 s", "40 s", "5 min": an estimate has no more digits."""
    return formats.duration(max(10, round(seconds, -1)) if seconds < 60 else round(seconds / 60) * 60)


def _check_served(endpoint: Endpoint, model: EvaluatedModel) -> None:
    """Warn of an endpoint that serves another model. Raises Problem for one that takes no plain rows."""
    if endpoint.hosts_components or endpoint.hosts_many_models:
        what = "inference components" if endpoint.hosts_components else "many models"
        said = f"it serves {what}, which score no rows here"
        raise Problem(f"Endpoint {endpoint.name}", said, "Choose another scoring method")
    served = {variant.model_uri for variant in endpoint.variants}
    if served != {model.uri}:
        other = f"the model of {endpoint.job}" if endpoint.job else "another model"
        st.warning(
            formats.plain(f"Endpoint {endpoint.name} serves {other}, which is evaluated here."),
            icon=":material/swap_horiz:",
        )
