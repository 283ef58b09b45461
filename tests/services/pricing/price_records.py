"""Records as GetProducts answers them: made up, in the right shape and words."""

import json
from typing import Any


def record(
    usd: float | str = 0.23,
    *,
    unit: str = "Hrs",
    family: str = "ML Instance",
    region: str = "eu-west-1",
    **attributes: str,
) -> str:
    """One record; every value in it is a string, and the record is one itself."""
    price: dict[str, Any] = {"unit": unit, "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": str(usd)}}
    product = {"regionCode": region, "locationType": "AWS Region", "servicecode": "AmazonSageMaker", **attributes}
    return json.dumps(
        {
            "product": {"productFamily": family, "attributes": product, "sku": "MADEUP"},
            "serviceCode": "AmazonSageMaker",
            "terms": {"OnDemand": {"MADEUP.JRTCKXETXF": {"priceDimensions": {"MADEUP.JRTCKXETXF.6YS6EN2CT7": price}}}},
        }
    )


def hour(instance_type: str, component: str, usd: float, **given: str) -> str:
    """An hour of one instance."""
    return record(
        usd, instanceName=instance_type, instanceType=f"{instance_type}-{component}", component=component, **given
    )


def gigabyte(usage: str, usd: float) -> str:
    """A month of a gigabyte, e.g. of "Host:VolumeUsage.gp2"."""
    return record(usd, unit="GB-Mo", family="Storage", usagetype=f"EUW1-{usage}", component="N/A")
