"""The script that registers: run as it stands, it makes the version that the button would have made."""

import pytest

from services import registry
from services.model_quality import Quality
from services.registry import Version
from services.scripts import registering
from tests.local.making import unique
from tests.running import LocalService
from tests.services.launching import make_data, make_model
from tests.services.registering import make_version, measured
from tests.services.test_scripts import run

pytestmark = pytest.mark.slow


def kept(local: LocalService, version: Version) -> tuple[object, ...]:
    """What a version carries, without what differs from one to the next."""
    quality: Quality = registry.quality(local.account, version)
    return version.image, version.model_uri, version.metadata, version.note, version.approval, quality


@pytest.mark.parametrize("judged", [True, False])
def test_the_registering_script_registers_what_the_button_would_have(local: LocalService, judged: bool) -> None:
    account, group = local.account, unique("script")
    data = make_data(account)
    job = make_model(account, data, eval_metric="auc")
    quality = measured(account, job, data, 0.25) if judged else None
    what = registry.candidate(account, job, quality)
    run(local, registering.script(account, what, group, True, "it's new"))
    by_script = registry.versions(account, group).versions[0]
    assert kept(local, by_script) == kept(local, make_version(account, job, group, quality, "it's new"))
