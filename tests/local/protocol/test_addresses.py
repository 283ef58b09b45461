"""Which addresses of S3 a request may name, and what they are the addresses of."""

import pytest

from services.local.protocol.addresses import AddressError, split_uri


@pytest.mark.parametrize(
    "uri",
    [
        "s3://my.bucket/data/a b.csv",
        "https://my.bucket.s3.us-east-1.amazonaws.com/data/a%20b.csv",
        "https://my.bucket.s3.amazonaws.com/data/a%20b.csv",
        "https://my.bucket.s3-us-east-1.amazonaws.com/data/a%20b.csv",
        "https://my.bucket.s3.dualstack.us-east-1.amazonaws.com/data/a%20b.csv",
        "https://s3.us-east-1.amazonaws.com/my.bucket/data/a%20b.csv",
        "https://s3-fips.us-east-1.amazonaws.com/my.bucket/data/a%20b.csv",
        "https://s3.amazonaws.com/my.bucket/data/a%20b.csv",
    ],
)
def test_every_form_of_an_address_names_the_same_object(uri: str) -> None:
    assert split_uri(uri) == ("my.bucket", "data/a b.csv")


@pytest.mark.parametrize("uri", ["s3://bucket", "https://bucket.s3.amazonaws.com", "https://s3.amazonaws.com/bucket/"])
def test_a_bucket_alone_has_an_empty_prefix(uri: str) -> None:
    assert split_uri(uri) == ("bucket", "")


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/bucket/key",
        "https://bucket.s3.eu-west-1.amazonaws.com/key",
        "https://s3.us-east-1.amazonaws.com.example.com/bucket/key",
        "https://bucket.s3.amazonaws.com/key?X-Amz-Signature=0",
        "https://s3.amazonaws.com/",
        "http://bucket.s3.amazonaws.com/key",
        "bucket/key",
    ],
)
def test_what_is_no_address_of_this_region_is_refused_with_the_forms_to_write(uri: str) -> None:
    with pytest.raises(AddressError, match="must be an address in S3 of us-east-1: s3://BUCKET/KEY, "):
        split_uri(uri)
