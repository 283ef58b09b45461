"""Code of a person's own, which a request may name and this computer does not run: refused at creation, by name.

Source: SageMaker API reference, AlgorithmSpecification and ContainerDefinition; script mode of the SageMaker SDKs.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.local.protocol.wire import validation_error

ENTRYPOINTS = ("ContainerEntrypoint", "ContainerArguments")
SCRIPT_VARIABLES = ("SAGEMAKER_PROGRAM", "SAGEMAKER_SUBMIT_DIRECTORY")
SCRIPT_HYPERPARAMETERS = ("sagemaker_program", "sagemaker_submit_directory")


def training_image(specification: Mapping[str, Any]) -> str:
    """The image that a job trains with. Raises ServiceError when it names an algorithm of the marketplace, or none."""
    name, image = specification.get("AlgorithmName"), specification.get("TrainingImage")
    if name:
        raise validation_error(
            f"AlgorithmSpecification.AlgorithmName ({name}): algorithms of the marketplace, and your own, cannot run "
            "on this computer. Give the TrainingImage of a built-in algorithm instead; AWS takes only one of the two."
        )
    if not image:
        raise validation_error("AlgorithmSpecification.TrainingImage is required.")
    return str(image)


def refuse_in_training(
    specification: Mapping[str, Any], hyperparameters: Mapping[str, str], environment: Mapping[str, str]
) -> None:
    """Raises ServiceError when a training job would run code of its own."""
    given = [
        *_given("AlgorithmSpecification", specification, ENTRYPOINTS),
        *_given("HyperParameters", hyperparameters, SCRIPT_HYPERPARAMETERS),
        *_given("Environment", environment, SCRIPT_VARIABLES),
    ]
    _refuse(given, "Leave it out to train the built-in algorithm")


def refuse_in_model(containers: list[Mapping[str, Any]]) -> None:
    """Raises ServiceError when a model would run code of its own, or has containers that would not run."""
    if len(containers) > 1:
        raise validation_error(
            f"Containers: a pipeline of {len(containers)} containers cannot run on this computer, which runs one. "
            "Give one container, or create the pipeline on AWS."
        )
    given = [
        *(text for item in containers for text in _given("Environment", item.get("Environment", {}), SCRIPT_VARIABLES))
    ]
    _refuse(given, "Leave it out to serve the model as its built-in algorithm does")


def _given(where: str, members: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Each of `names` that has a value, as messages say it."""
    values = {name: members[name] for name in names if members.get(name)}
    return [
        f"{where}.{name} ({' '.join(value) if isinstance(value, list) else value})" for name, value in values.items()
    ]


def _refuse(given: list[str], remedy: str) -> None:
    if given:
        raise validation_error(
            f"{given[0]}: a script or program of your own cannot run on this computer. {remedy}, or run it on AWS."
        )
