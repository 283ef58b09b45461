"""The script that registers: run as it stands, it makes the version that the button would have made."""

import pytest

from services.codegen import register_script
from services.registry import register as model_registration
from services.registry import versions as model_versions
from services.registry.model_metrics import ModelMetrics
from services.registry.versions import ModelVersion
from tests.local.factories import unique
from tests.local_service import LocalService
from tests.services.codegen.test_scripts import run
from tests.services.registry.version_factory import make_version, measured
from tests.services.training_factory import make_data, make_model

pytestmark = pytest.mark.slow


def kept(local: LocalService, version: ModelVersion) -> tuple[object, ...]:
    """What a version carries, without what differs from one to the next."""
    quality: ModelMetrics = model_versions.quality(local.account, version)
    return version.image, version.model_uri, version.metadata, version.note, version.approval, quality


@pytest.mark.parametrize("judged", [True, False])
def test_the_registering_script_registers_what_the_button_would_have(local: LocalService, judged: bool) -> None:
    account, group = local.account, unique("script")
    data = make_data(account)
    job = make_model(account, data, eval_metric="auc")
    quality = measured(account, job, data, 0.25) if judged else None
    what = model_registration.candidate(account, job, quality)
    run(local, register_script.script(account, what, group, True, "it's new"))
    by_script = model_versions.versions(account, group).versions[0]
    assert kept(local, by_script) == kept(local, make_version(account, job, group, quality, "it's new"))
