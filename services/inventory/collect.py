"""Requests to one region, many at a time; a resource may be gone by the time it is described."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.aws.account import Account
from services.aws.errors import AwsError
from services.pricing.price_book import LIST_PRICES, PriceBook

PAGE = 100
Description = dict[str, Any]
Identity = Mapping[str, str]
Mapped = Callable[[Callable[[Identity], Description | AwsError | None], Iterable[Identity]], Iterable[Any]]

Made = TypeVar("Made")


@dataclass(frozen=True)
class CollectContext:
    """Account, time, prices and concurrency of a scan of one region.

    run_all: like `map`, in order; an executor's makes many requests at once.
    """

    account: Account
    now: datetime
    book: PriceBook = LIST_PRICES
    run_all: Mapped = map

    def summaries(
        self, operation: str, key: str, client: str = "sagemaker", **parameters: Any
    ) -> Iterator[Description]:
        """Every item of a paged list, in the largest pages. Raises AwsError."""
        return self.account.pages(client, operation, key, **parameters, MaxResults=PAGE)

    def describe_each(
        self,
        noun: str,
        identities: Iterable[Identity],
        make: Callable[[Description], Made | None],
        client: str = "sagemaker",
    ) -> Iterator[Made | AwsError]:
        """`make(description)` of each resource, without Nones; an AwsError stands for one that was refused."""
        for answer in self.descriptions(noun, identities, client):
            resource = answer if isinstance(answer, AwsError) else make(answer)
            if resource is not None:
                yield resource

    def descriptions(
        self, noun: str, identities: Iterable[Identity], client: str = "sagemaker"
    ) -> Iterator[Description | AwsError]:
        """The answers of describe_`noun`, in order, without resources deleted since they were listed."""

        def ask(identity: Identity) -> Description | AwsError | None:
            try:
                return self.account.call(client, f"describe_{noun}", **identity)
            except AwsError as error:
                return None if error.is_missing else error

        return (answer for answer in self.run_all(ask, list(identities)) if answer is not None)


def arn(document: Mapping[str, Any], identity: Iterable[tuple[str, str]]) -> str:
    """The ARN in a description or a summary: EndpointArn of what EndpointName names; "" when it has none."""
    names = [key.removesuffix("Name") for key, _ in identity]
    return next((document[f"{name}Arn"] for name in names if f"{name}Arn" in document), document.get("Arn", ""))
