"""What launches of this UTC day have reserved of the daily limit; with what SageMaker tells, all that is taken of it.

    s3://BUCKET/sagedeck/reservations/REGION.json

A reservation counts in full from before its launch until SageMaker tells of what was launched; then that counts.
The document is read before SageMaker is asked and written with If-Match after, so that nothing falls between the two
and of two dashboards that launch at once the second one counts the first one's reservation.
"""

import secrets
from collections.abc import Callable, Container
from datetime import timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, NonNegativeFloat

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document
from services.aws.s3 import Address
from services.costs import commitments
from services.costs.commitments import Day
from services.inventory.resources import ResourceKind

LAUNCHING = timedelta(hours=1)  # longer than a launch takes: one that was cut short is forgotten then
LISTED_WITHIN = timedelta(minutes=5)  # a new endpoint is in SageMaker's list by then


class Reservation(BaseModel):
    """Dollars set aside for one launch.

    name:     of the plan until it is `launched`, then of the resource.
    ended_by: for an endpoint that is gone and in no ledger, when that was noticed.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: ResourceKind
    name: str
    usd: NonNegativeFloat
    at: AwareDatetime
    launched: bool = False
    ended_by: AwareDatetime | None = None


class ReservationsDocument(Document):
    """The reservations of a region as they lie in S3, oldest first."""

    reservations: tuple[Reservation, ...]


def address(account: Account) -> Address:
    """Where the reservations lie."""
    return Address(account.default_bucket(), f"sagedeck/reservations/{account.region}.json")


def add(
    account: Account, kind: ResourceKind, name: str, usd: float, day: Day, check: Callable[[float], None]
) -> Reservation:
    """Reserve `usd` unless `check`, which is given the dollars that are taken, raises.

    Raises Problem, UnreadableDocumentError, AwsError, too.
    """
    new = Reservation(id=secrets.token_hex(8), kind=kind, name=name, usd=usd, at=day.now)

    def change(present: ReservationsDocument | None) -> ReservationsDocument:
        others = _without(present, new)  # it may be there already when an answer of S3 was lost
        known, dollars = _read(account, others, day)
        check(dollars)
        return ReservationsDocument(reservations=(*known, new))

    documents.update(account, address(account), ReservationsDocument, change)
    return new


def confirm(account: Account, reservation: Reservation, name: str) -> None:
    """Note that the launch has become the resource `name`. Raises Problem, AwsError."""
    _change(account, reservation, reservation.model_copy(update={"name": name, "launched": True}))


def release(account: Account, reservation: Reservation) -> None:
    """Give back what was reserved for a launch that was refused. Raises Problem, AwsError."""
    _change(account, reservation)


def taken(account: Account, day: Day) -> float:
    """Dollars of the day that are spent or reserved. Raises Problem, UnreadableDocumentError, AwsError."""
    stored = documents.read(account, address(account), ReservationsDocument)
    return _read(account, stored.document if stored else ReservationsDocument(reservations=()), day)[1]


def _change(account: Account, old: Reservation, *new: Reservation) -> None:
    def change(present: ReservationsDocument | None) -> ReservationsDocument:
        return ReservationsDocument(reservations=(*_without(present, old).reservations, *new))

    documents.update(account, address(account), ReservationsDocument, change)


def _without(present: ReservationsDocument | None, one: Reservation) -> ReservationsDocument:
    others = [each for each in (present.reservations if present else ()) if each.id != one.id]
    return ReservationsDocument(reservations=tuple(others))


def _read(account: Account, present: ReservationsDocument, day: Day) -> tuple[list[Reservation], float]:
    """The reservations that still matter, and the dollars that are taken."""
    committed = commitments.read(account, day)
    told = {(each.kind, each.name) for each in committed}
    known = [_ended(each, told, day) for each in present.reservations if _matters(each, day)]
    untold = [each for each in known if not each.launched or (each.kind, each.name) not in told]
    return known, sum(each.usd for each in committed) + sum(_dollars(each, day) for each in untold)


def _matters(reservation: Reservation, day: Day) -> bool:
    """Whether it is of today; one that is being launched counts across midnight."""
    return reservation.at >= day.start if reservation.launched else day.now - reservation.at < LAUNCHING


def _ended(reservation: Reservation, told: Container[tuple[str, str]], day: Day) -> Reservation:
    """With the time it was noticed to be gone, for an endpoint that SageMaker no longer tells of."""
    gone = (
        reservation.kind is ResourceKind.ENDPOINT
        and reservation.launched
        and reservation.ended_by is None
        and day.now - reservation.at > LISTED_WITHIN
        and (reservation.kind, reservation.name) not in told
    )
    return reservation.model_copy(update={"ended_by": day.now}) if gone else reservation


def _dollars(reservation: Reservation, day: Day) -> float:
    """What it reserves: all, or of an endpoint that is gone the share of its time."""
    if reservation.ended_by is None:
        return reservation.usd
    return reservation.usd * (reservation.ended_by - reservation.at) / (day.end - reservation.at)
