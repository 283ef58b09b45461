"""The service limits of the account, as AWS sets them by default.

Sources: SageMaker developer guide, "Resource limits for automatic model tuning"; AWS general reference, "Amazon
SageMaker endpoints and quotas" (instances; a new account may have fewer). Limits of single members of a request stand
in botocore's model and are checked in `wire`.
"""

from dataclasses import dataclass

from services.local.protocol.wire import ServiceError


@dataclass(frozen=True)
class Quota:
    """At most `limit` of `unit`."""

    name: str
    limit: int
    unit: str


TRAINING_INSTANCES = Quota("Number of instances across all training jobs", 20, "Instances")
TUNING_JOBS = Quota("Number of concurrent hyperparameter tuning jobs", 100, "Tuning jobs")
PARALLEL_JOBS = Quota("Number of parallel training jobs per hyperparameter tuning job", 10, "Training jobs")
JOBS = Quota("Number of training jobs per hyperparameter tuning job", 750, "Training jobs")


def require(quota: Quota, used: int, requested: int) -> None:
    """Refuse what is beyond a quota. Raises ResourceLimitExceeded in AWS's words, and says what can be done here."""
    if used + requested <= quota.limit:
        return
    message = (
        f"The account-level service limit '{quota.name}' is {quota.limit} {quota.unit}, with current utilization of "
        f"{used} {quota.unit} and a request delta of {requested} {quota.unit}."
    )
    remedy = f"Request fewer{', or wait until others have ended' if used else ''}."
    raise ServiceError("ResourceLimitExceeded", f"{message} {remedy}")
