"""What is handed to people uses public names of the SDK only: private ones change without notice."""

import ast
import json
from dataclasses import replace

import pytest

from services.codegen import notebook, sdk_scripts
from services.pricing.price_book import LIST_PRICES
from services.tuning.plan import StoppingCriteria
from tests.services.codegen.test_notebook import AWS, DATA, plans

FIRST, SEARCH = plans(DATA)
EVERYTHING = replace(
    SEARCH,
    strategy="Hyperband",
    resources=(1, 5),
    stopping=StoppingCriteria(0.99, 3, True, 600),
    parents=("before",),
    baseline=replace(FIRST, name="cells-baseline"),
)
SHARED = replace(FIRST, sharded=True, instance_count=2, checkpoints="", tags={"owner": "me"}, max_wait=1200)
CELLS = json.loads(notebook.to_json(AWS, SHARED, EVERYTHING, LIST_PRICES))["cells"]
SCRIPTS = {
    "training": sdk_scripts.training(AWS, SHARED),
    "tuning": sdk_scripts.tuning(AWS, EVERYTHING),
    "notebook": "\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"),
}


def private(name: str) -> bool:
    """Whether a dotted name has a part that its author keeps to himself."""
    return any(part.startswith("_") and part != "_" and not part.endswith("__") for part in name.split("."))


def names(script: str) -> set[str]:
    """Every attribute, imported module and imported name of a script."""
    found = set[str]()
    for node in ast.walk(ast.parse(script)):
        match node:
            case ast.Attribute(attr=name):
                found.add(name)
            case ast.Import(names=imported):
                found |= {each.name for each in imported}
            case ast.ImportFrom(module=module, names=imported):
                found |= {module or "", *(each.name for each in imported)}
    return found


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_that_people_get_uses_no_private_name(script: str) -> None:
    found = names(script)
    assert "sagemaker.train" in found
    assert not [name for name in found if private(name)]
