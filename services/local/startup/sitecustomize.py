"""Makes the SageMaker SDK 2 and 3 find on this computer what they find on a notebook instance of AWS.

Python reads this file at its start wherever `python -m services.local env` has put its folder on PYTHONPATH. Both SDKs
read the role of a notebook instance from a metadata file and ask STS at an address of their own, past AWS_ENDPOINT_URL;
here the file is in the data folder and STS is the service. Without that variable nothing is changed.
"""

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

# Where the SDKs name that file and that address.
MODULES = (
    "sagemaker.session",
    "sagemaker.utils",
    "sagemaker.core.common_utils",
    "sagemaker.core.helper.session_helper",
)


class _Finder:
    """Finds the modules of the SDKs as Python does, and changes them once they are loaded."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in MODULES else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_change(module: ModuleType) -> None:
            load(module)
            _change(module)

        spec.loader.exec_module = load_and_change  # type: ignore[method-assign]
        return spec


def _change(module: ModuleType) -> None:
    endpoint, config = os.environ.get("AWS_ENDPOINT_URL"), os.environ.get("SAGEMAKER_USER_CONFIG_OVERRIDE")
    if not endpoint or not config:
        return
    metadata = Path(config).with_name("resource-metadata.json")
    ours: dict[str, Any] = {"NOTEBOOK_METADATA_FILE": str(metadata), "sts_regional_endpoint": lambda region: endpoint}
    for name, value in ours.items():
        if hasattr(module, name):
            setattr(module, name, value)


def _read_next() -> None:
    """Read the file of this name that ours stands before, which some installations of Python have."""
    own = Path(__file__).resolve().parent
    spec = PathFinder.find_spec("sitecustomize", [folder for folder in sys.path if Path(folder).resolve() != own])
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(module_from_spec(spec))


sys.meta_path.insert(0, _Finder)
_read_next()
