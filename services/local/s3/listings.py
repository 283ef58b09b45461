"""The S3 operations that list: buckets, objects, unfinished uploads and their parts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from services.local.protocol.identity import REGION
from services.local.s3 import checksums
from services.local.s3.call import S3Call
from services.local.s3.documents import timestamp, to_xml
from services.local.s3.errors import S3Error
from services.local.s3.objects import Listing, common_prefix
from services.local.s3.uploads import Upload

OWNER = {"ID": "0" * 64, "DisplayName": "this computer"}
PAGE = 1000  # the most entries of a page
MOST_BUCKETS = 10_000  # the most buckets of a page
NO_VERSION = "null"  # the id of the version that every object has


def xml(root: str, members: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The answer that is a document."""
    return Response(to_xml(root, members), headers=headers, media_type="application/xml")


def list_buckets(call: S3Call, body: bytes) -> Response:
    """ListBuckets."""
    prefix, limit = call.query.get("prefix", ""), min(call.number("max-buckets", MOST_BUCKETS), MOST_BUCKETS)
    token, region = call.query.get("continuation-token"), call.query.get("bucket-region", REGION)
    after = _untoken(token) if token else ""
    found = [
        bucket
        for bucket in call.store.buckets()
        if region == REGION and bucket.name.startswith(prefix) and bucket.name > after
    ]
    page, more = found[:limit], 0 < limit < len(found)
    return xml(
        "ListAllMyBucketsResult",
        {
            "Owner": OWNER,
            "Buckets": {
                "Bucket": [
                    {"Name": bucket.name, "CreationDate": timestamp(bucket.created), "BucketRegion": REGION}
                    for bucket in page
                ]
            },
            "ContinuationToken": _token(page[-1].name) if more else None,
            "Prefix": prefix or None,
        },
    )


def list_objects(call: S3Call, body: bytes) -> Response:
    """ListObjects, version 1."""
    listing, encode, answer = _page(call, call.query.get("marker", ""), owner=True)
    answer["Marker"] = encode(call.query.get("marker", ""))
    answer["NextMarker"] = None if listing.last is None else encode(listing.last)
    return xml("ListBucketResult", answer)


def list_objects_v2(call: S3Call, body: bytes) -> Response:
    """ListObjectsV2."""
    if call.query["list-type"] != "2":
        raise S3Error("InvalidArgument", "list-type must be 2.", 400)
    token, start = call.query.get("continuation-token"), call.query.get("start-after")
    owner = call.query.get("fetch-owner", "").lower() == "true"
    listing, encode, answer = _page(call, _untoken(token) if token else start or "", owner)
    return xml(
        "ListBucketResult",
        {
            **answer,
            "KeyCount": len(listing.objects) + len(listing.prefixes),
            "ContinuationToken": token,
            "NextContinuationToken": None if listing.last is None else _token(listing.last),
            "StartAfter": None if start is None else encode(start),
        },
    )


def list_versions(call: S3Call, body: bytes) -> Response:
    """ListObjectVersions: an object is its only version, whose id is "null" as in every bucket without versions."""
    listing, encode, answer = _page(call, call.query.get("key-marker", ""), owner=True)
    objects = answer.pop("Contents")
    return xml(
        "ListVersionsResult",
        {
            **answer,
            "KeyMarker": encode(call.query.get("key-marker", "")),
            "VersionIdMarker": call.query.get("version-id-marker", ""),
            "NextKeyMarker": None if listing.last is None else encode(listing.last),
            "NextVersionIdMarker": None if listing.last is None else NO_VERSION,
            "Version": [{**entry, "VersionId": NO_VERSION, "IsLatest": True} for entry in objects],
        },
    )


def list_uploads(call: S3Call, body: bytes) -> Response:
    """ListMultipartUploads."""
    delimiter = call.query.get("delimiter", "")
    prefix, limit, encode = call.query.get("prefix", ""), min(call.number("max-uploads", PAGE), PAGE), _encoder(call)
    marker, id_marker = call.query.get("key-marker", ""), call.query.get("upload-id-marker", "")
    # Without an id, all uploads to the marked key are before the page: no id is as great as this one.
    after = (marker, id_marker or "\U0010ffff") if marker else ("", "")
    entries = _by_prefix(call.uploads.unfinished(call.bucket, prefix, after), prefix, delimiter, marker)
    found = [*islice(entries, limit + 1)]
    page, more = found[:limit], 0 < limit < len(found)
    last_key, last_upload = page[-1] if more else ("", None)
    return xml(
        "ListMultipartUploadsResult",
        {
            "Bucket": call.bucket,
            "Prefix": encode(prefix),
            "KeyMarker": encode(marker),
            "UploadIdMarker": id_marker,
            "Delimiter": encode(delimiter) if delimiter else None,
            "NextKeyMarker": encode(last_key) if more else None,
            "NextUploadIdMarker": last_upload.id if last_upload else None,
            "MaxUploads": limit,
            "EncodingType": call.query.get("encoding-type"),
            "IsTruncated": more,
            "Upload": [
                {
                    "Key": encode(upload.key),
                    "UploadId": upload.id,
                    "Initiator": OWNER,
                    "Owner": OWNER,
                    "StorageClass": "STANDARD",
                    "Initiated": timestamp(upload.created),
                }
                for _, upload in page
                if upload
            ],
            "CommonPrefixes": [{"Prefix": encode(common)} for common, upload in page if not upload],
        },
    )


def _by_prefix(
    uploads: Iterable[Upload], prefix: str, delimiter: str, marker: str
) -> Iterator[tuple[str, Upload | None]]:
    """Each upload with its key, those below a common prefix as one entry without an upload; `marker` is none."""
    last = marker
    for upload in uploads:
        common = common_prefix(upload.key, prefix, delimiter)
        if common is None:
            yield upload.key, upload
        elif common != last:
            last = common
            yield common, None


def list_parts(call: S3Call, body: bytes) -> Response:
    """ListParts."""
    upload = call.upload()
    algorithm, kind = upload.checksum_algorithm, upload.headers.get(checksums.TYPE)
    limit, after = min(call.number("max-parts", PAGE), PAGE), call.number("part-number-marker", 0)
    stored = call.uploads.parts(upload.id, after, limit + 1)
    parts, more = stored[:limit], 0 < limit < len(stored)
    return xml(
        "ListPartsResult",
        {
            "Bucket": call.bucket,
            "Key": _encoder(call)(call.key),
            "UploadId": upload.id,
            "Initiator": OWNER,
            "Owner": OWNER,
            "StorageClass": "STANDARD",
            "ChecksumAlgorithm": algorithm.upper() if algorithm else None,
            "ChecksumType": kind,
            "PartNumberMarker": after,
            "NextPartNumberMarker": parts[-1].number if parts else 0,
            "MaxParts": limit,
            "EncodingType": call.query.get("encoding-type"),
            "IsTruncated": more,
            "Part": [
                {
                    "PartNumber": part.number,
                    "LastModified": timestamp(part.modified),
                    "ETag": f'"{part.etag}"',
                    "Size": part.size,
                    **({checksums.member(algorithm): part.checksum} if algorithm else {}),
                }
                for part in parts
            ],
        },
    )


def _page(call: S3Call, after: str, owner: bool) -> tuple[Listing, Callable[[str], str], dict[str, Any]]:
    prefix, delimiter = call.query.get("prefix", ""), call.query.get("delimiter", "")
    limit, encode = min(call.number("max-keys", PAGE), PAGE), _encoder(call)
    listing = call.store.page(call.bucket, prefix, delimiter, after, limit)
    answer = {
        "Name": call.bucket,
        "Prefix": encode(prefix),
        "Delimiter": encode(delimiter) if delimiter else None,
        "MaxKeys": limit,
        "EncodingType": call.query.get("encoding-type"),
        "IsTruncated": listing.last is not None,
        "Contents": [
            {
                "Key": encode(stored.key),
                "LastModified": timestamp(stored.modified),
                "ETag": f'"{stored.etag}"',
                "Size": stored.size,
                "StorageClass": "STANDARD",
                "Owner": OWNER if owner else None,
                **_checksum_kind(stored.headers),
            }
            for stored in listing.objects
        ],
        "CommonPrefixes": [{"Prefix": encode(common)} for common in listing.prefixes],
    }
    return listing, encode, answer


def _encoder(call: S3Call) -> Callable[[str], str]:
    encoding = call.query.get("encoding-type")
    if encoding not in (None, "url"):
        raise S3Error("InvalidArgument", "encoding-type must be url.", 400)
    return quote if encoding else str


def _token(last: str) -> str:
    return urlsafe_b64encode(last.encode()).decode()


def _untoken(token: str) -> str:
    try:
        return urlsafe_b64decode(token).decode()
    except ValueError:
        raise S3Error("InvalidArgument", "The continuation token is not valid.", 400) from None


def _checksum_kind(headers: Mapping[str, str]) -> dict[str, str]:
    name = checksums.algorithm_of(headers)
    return (
        {"ChecksumAlgorithm": name.upper(), "ChecksumType": checksums.members(headers)["ChecksumType"]} if name else {}
    )
