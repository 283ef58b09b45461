"""What an instance type is made of."""

import pytest

from services import instance_types


@pytest.mark.parametrize(
    ("name", "made_of"),
    [
        ("ml.m5.xlarge", (4, 16)),
        ("ml.p5.48xlarge", (192, 2048)),
        ("ml.c5.large", (2, 4)),
        ("ml.z9.xlarge", (None, None)),
    ],
)
def test_processors_and_gibibytes_of_a_type_are_known(name: str, made_of: tuple[int | None, float | None]) -> None:
    assert (instance_types.vcpus(name), instance_types.memory(name)) == made_of
