"""Search: which resources satisfy an expression, sorted by any of their properties, a page at a time.

SQLite finds and sorts (`store/search_filters.py`); only the documents of the page are read.
"""

from typing import TYPE_CHECKING, Any

from services.local.protocol.wire import service_model, validation_error
from services.local.store.resources import Document, ResourceType
from services.local.store.search_filters import expression, names_with, position

if TYPE_CHECKING:
    from services.local.service import Service

# By the API's ResourceType: the kind, and the member of SearchRecord that holds one.
RECORDS = {
    "TrainingJob": (ResourceType.TRAINING_JOB, "TrainingJob"),
    "HyperParameterTuningJob": (ResourceType.TUNING_JOB, "HyperParameterTuningJob"),
    "Endpoint": (ResourceType.ENDPOINT, "Endpoint"),
    "ModelPackage": (ResourceType.MODEL_PACKAGE, "ModelPackage"),
    "ModelPackageGroup": (ResourceType.MODEL_PACKAGE_GROUP, "ModelPackageGroup"),
    "Experiment": (ResourceType.EXPERIMENT, "Experiment"),
    "ExperimentTrial": (ResourceType.TRIAL, "Trial"),
    "ExperimentTrialComponent": (ResourceType.TRIAL_COMPONENT, "TrialComponent"),
}
# Of experiments, trials and their components: what Contains may be used on more than once.
OFTEN = {
    "DisplayName",
    "ExperimentName",
    "TrialName",
    "TrialComponentName",
    "Tags",
    "InputArtifacts",
    "OutputArtifacts",
}
MOST_COMPONENTS = 100  # of a trial that are told with it


def search(service: "Service", request: dict[str, Any]) -> dict[str, Any]:
    """Search. No other account shares its resources with this computer."""
    if request["Resource"] not in RECORDS:
        raise validation_error(f"Search for {request['Resource']} is not offered on this computer; AWS has it.")
    kind, member = RECORDS[request["Resource"]]
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        return {"Results": []}
    given = request.get("SearchExpression", {})
    often = OFTEN if request["Resource"].startswith("Experiment") else set()
    if len([name for name in names_with("Contains", given) if name.partition(".")[0] not in often]) > 1:
        raise validation_error("'CONTAINS' operator usage limit of 1 exceeded.")
    record = service_model("sagemaker").shape_for("SearchRecord").members[member]
    order = position(record, request.get("SortBy", "LastModifiedTime"))
    documents, token, total = service.resources.search(kind, expression(record, given), order, request)
    return {
        "Results": [{member: _with_details(service, kind, document)} for document in documents],
        "NextToken": token,
        "TotalHits": {"Value": total, "Relation": "EqualTo"},
    }


def _with_details(service: "Service", kind: ResourceType, document: Document) -> Document:
    """A document with what a search record has besides: its tags, and the components of a trial."""
    whole = {**document, "Tags": service.resources.tags(document[f"{kind}Arn"])}
    if kind is ResourceType.TRIAL:
        page_request = {"TrialName": document["TrialName"], "MaxResults": MOST_COMPONENTS}
        whole["TrialComponentSummaries"], _ = service.resources.page(
            ResourceType.TRIAL_COMPONENT, page_request, descending=True
        )
    return whole


OPERATIONS = {"Search": search}
