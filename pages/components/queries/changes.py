"""What must be read again after a change: the only way in which a page clears a cache of these queries."""

from inspect import signature
from typing import Any, Literal

from pages.components.queries import (
    costs,
    data_sets,
    documents,
    endpoints,
    inventory,
    jobs,
    registry,
    shutdowns,
    trials,
)
from pages.components.queries.evaluation import decisions, models
from services.aws.account import Account
from services.shutdown import background

Subject = Literal[
    "training",
    "tuning",
    "job tags",
    "baseline",
    "data sets",
    "endpoints",
    "paused endpoints",
    "registry",
    "models",
    "resources",
    "resources in other regions",
    "ledger",
    "shutdowns",
    "rules",
    "shutdown policy",
    "documents",
    "launch budget",
    "decisions",
]

_BILLING = (inventory.region_scan, costs.launch_budget_today)
_TRAINING = (jobs.training_jobs, jobs.training_job, jobs.completed_on, jobs.history, *_BILLING)
QUERIES: dict[Subject, tuple[Any, ...]] = {
    "training": _TRAINING,
    "tuning": (*_TRAINING, jobs.tuning_jobs, jobs.tuning_job),
    "job tags": (jobs.job_tags, jobs.history),
    "baseline": (trials.baseline,),
    "data sets": (
        data_sets.prepared_names,
        data_sets.display_names,
        data_sets.prepared_data,
        data_sets.recipe,
        data_sets.preview,
        data_sets.drift,
        data_sets.data_faults,
    ),
    "endpoints": (endpoints.endpoints, endpoints.endpoint, *_BILLING),
    "paused endpoints": (endpoints.paused, endpoints.kept_configs),
    "registry": (
        registry.groups,
        registry.versions,
        registry.version,
        registry.approved,
        registry.registered,
        registry.quality,
    ),
    "models": (models.uploaded,),
    "resources": (*_BILLING, inventory.with_current_tags),
    "resources in other regions": (inventory.other_regions_scan,),
    "ledger": (costs.ledger,),
    "shutdowns": (shutdowns.stored, shutdowns.graces, shutdowns.last_rules_run),
    "rules": (costs.rules, inventory.region_scan, inventory.other_regions_scan),
    "shutdown policy": (inventory.shutdown_policy,),
    "launch budget": (costs.launch_budget_today,),
    "decisions": (decisions.decision, decisions.applied),
    "documents": (
        decisions.decision,
        decisions.applied,
        documents.unreadable,
        costs.launch_budget_today,
        costs.ledger,
        costs.rules,
        shutdowns.stored,
        shutdowns.graces,
        shutdowns.last_rules_run,
        inventory.shutdown_policy,
        endpoints.paused,
        data_sets.prepared_names,
        data_sets.display_names,
        data_sets.prepared_data,
    ),
}


BY_SERVER: tuple[Subject, ...] = (
    *("shutdowns", "ledger", "endpoints", "paused endpoints", "resources", "resources in other regions"),
)


def catch_up(account: Account) -> None:
    """Clear the caches of what the server's background thread has changed since the last time."""
    edition = background.SERVER.edition(account)
    if edition and edition != (last := shutdowns.editions(account))[0]:
        changed(account, *BY_SERVER)
        last[0] = edition


def changed(account: Account, *subjects: Subject) -> None:
    """Clear the caches of `subjects` of the account, which were changed or have just ended."""
    for query in {query for subject in subjects for query in QUERIES[subject]}:
        if len(signature(query).parameters) == 1:
            query.clear(account)
        else:  # one of many names or pages: which of them it touches is not known
            query.clear()
