"""The variants of an endpoint as DescribeEndpoint tells them: from the config, and how an update changes them.

Functions of documents alone. Source: SageMaker API reference, ProductionVariantSummary, DesiredWeightAndCapacity,
UpdateEndpoint (RetainAllVariantProperties).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.local.protocol.wire import ServiceError, validation_error

Variant = dict[str, Any]
MEMBERS = ("ProductionVariants", "ShadowProductionVariants")
MULTI_MODEL = "MultiModel"  # a container's Mode, and a deployed variant's: Describe does not tell it of a variant
MEMORY_STEP = 1024  # a serverless variant has 1024, 2048, ... MB


def variants_of_config(config: Mapping[str, Any]) -> Iterator[Variant]:
    """Every variant of an endpoint config, the shadows last."""
    for member in MEMBERS:
        yield from config.get(member) or []


def check(config: Mapping[str, Any]) -> None:
    """Refuse variants that an endpoint cannot have. Raises ServiceError."""
    _refuse_twice(variants_of_config(config), "an endpoint config")
    if config.get("ShadowProductionVariants") and any(len(config[member]) > 1 for member in MEMBERS):
        raise validation_error(
            "With ShadowProductionVariants there is exactly one production variant and one shadow variant."
        )
    for variant in variants_of_config(config):
        _check_capacity(variant)


def _refuse_twice(variants: Iterable[Mapping[str, Any]], place: str) -> None:
    names = [variant["VariantName"] for variant in variants]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise validation_error(f"Variant names must be unique within {place}: {', '.join(twice)} is used twice.")


def _check_capacity(variant: Mapping[str, Any]) -> None:
    name, serverless = variant["VariantName"], variant.get("ServerlessConfig")
    if not variant.get("ModelName"):
        raise validation_error("ProductionVariants.ModelName is required: inference components cannot be served here.")
    if bool(serverless) == bool(variant.get("InstanceType")):
        raise validation_error(f"Variant {name} needs either an InstanceType or a ServerlessConfig.")
    if not serverless:
        return
    if serverless["MemorySizeInMB"] % MEMORY_STEP:
        raise validation_error(f"Variant {name}: MemorySizeInMB must be 1024, 2048, 3072, 4096, 5120 or 6144.")
    _check_concurrency(name, serverless)


def _check_concurrency(name: str, serverless: Mapping[str, Any]) -> None:
    if serverless.get("ProvisionedConcurrency", 0) > serverless["MaxConcurrency"]:
        raise validation_error(f"Variant {name}: ProvisionedConcurrency must be at most MaxConcurrency.")


def is_multi_model(variant: Mapping[str, Any]) -> bool:
    """Whether a deployed variant, or the container of a model, serves many models."""
    return variant.get("Mode") == MULTI_MODEL


def describe_deployed(
    variants: Iterable[Variant], containers: Mapping[str, Mapping[str, Any]], now: float
) -> list[Variant]:
    """Variants of a config as the endpoint that has been made of it tells them; `containers` by model."""
    return [_describe_deployed(variant, containers[variant["ModelName"]], now) for variant in variants]


def _describe_deployed(variant: Variant, container: Mapping[str, Any], now: float) -> Variant:
    weight, serverless = variant["InitialVariantWeight"], variant.get("ServerlessConfig")
    count = 0 if serverless else variant.get("InitialInstanceCount", 1)
    image = container.get("Image", "")
    description: Variant = {
        "VariantName": variant["VariantName"],
        "ModelName": variant["ModelName"],
        "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": now}],
        "CurrentWeight": weight,
        "DesiredWeight": weight,
        "CurrentInstanceCount": count,
        "DesiredInstanceCount": count,
        **{member: variant[member] for member in ("ManagedInstanceScaling", "RoutingConfig") if member in variant},
    }
    if serverless:
        description |= {"CurrentServerlessConfig": serverless, "DesiredServerlessConfig": serverless}
    if is_multi_model(container):
        description["Mode"] = MULTI_MODEL
    return description


def retain_properties(new: Iterable[Variant], old: Iterable[Variant], but: Iterable[str]) -> list[Variant]:
    """`new` with the weights and counts that variants of the same name had, except the properties named in `but`."""
    before, excluded = {variant["VariantName"]: variant for variant in old}, set(but)
    return [_retain_properties(variant, before.get(variant["VariantName"], {}), excluded) for variant in new]


def _retain_properties(new: Variant, old: Variant, excluded: set[str]) -> Variant:
    retained_members = {"DesiredWeight": "CurrentWeight"}
    if "CurrentServerlessConfig" not in new and "CurrentServerlessConfig" not in old:
        retained_members["DesiredInstanceCount"] = "CurrentInstanceCount"
    changes: Variant = {}
    for wanted, current in retained_members.items():
        if old and wanted not in excluded:
            changes |= {wanted: old[wanted], current: old[wanted]}
    return new | changes


def with_desired_capacity(variants: list[Variant], changes: Sequence[Mapping[str, Any]]) -> list[Variant]:
    """`variants` with the weights and capacities asked for. Raises ServiceError for one that is not there, or twice."""
    _refuse_twice(changes, "DesiredWeightsAndCapacities")
    wanted = {item["VariantName"]: item for item in changes}
    unknown = sorted(set(wanted) - {variant["VariantName"] for variant in variants})
    if unknown:
        raise validation_error(f"The endpoint has no variant {', '.join(unknown)}.")
    return [_with_desired_capacity(variant, wanted.get(variant["VariantName"], {})) for variant in variants]


def _with_desired_capacity(variant: Variant, change: Mapping[str, Any]) -> Variant:
    plain = {member: change[member] for member in ("DesiredWeight", "DesiredInstanceCount") if member in change}
    serverless = variant.get("DesiredServerlessConfig")
    if ("DesiredInstanceCount" if serverless else "ServerlessUpdateConfig") in change:
        raise validation_error(
            f"Variant {variant['VariantName']}: DesiredInstanceCount is for variants on instances, "
            "ServerlessUpdateConfig for serverless ones."
        )
    if not serverless:
        return variant | plain
    serverless = serverless | change.get("ServerlessUpdateConfig", {})
    _check_concurrency(variant["VariantName"], serverless)
    return variant | plain | {"DesiredServerlessConfig": serverless}


def with_current_as_desired(variants: Iterable[Variant]) -> list[Variant]:
    """`variants` once they have what is desired of them."""
    pairs = [("CurrentWeight", "DesiredWeight"), ("CurrentInstanceCount", "DesiredInstanceCount")]
    pairs.append(("CurrentServerlessConfig", "DesiredServerlessConfig"))
    return [
        variant | {current: variant[wanted] for current, wanted in pairs if wanted in variant} for variant in variants
    ]


def find_variant(variants: Iterable[Variant], name: str, endpoint: str) -> Variant:
    """The variant of that name. Raises ServiceError."""
    for variant in variants:
        if variant["VariantName"] == name:
            return variant
    raise ServiceError("ValidationError", f"Variant {name} of endpoint {endpoint} not found.")
