"""Which documents SageDeck keeps in an account's bucket, so that those that cannot be read are found and set aside."""

from datetime import datetime

from services.aws import documents
from services.aws.account import Account
from services.aws.documents import Document, UnreadableDocumentError
from services.aws.s3 import Address
from services.costs import launch_budget, ledger, reservations
from services.costs.launch_budget import LimitsDocument
from services.costs.ledger import LedgerDocument
from services.costs.reservations import ReservationsDocument
from services.data import prepared_data
from services.data.prepared_data import ManifestDocument
from services.data.recipe.recipe import Recipe
from services.data.sets import looks
from services.data.sets.looks import RowLooksDocument
from services.evaluation import labelled_rows
from services.evaluation.labelled_rows import LabelledRowsDocument
from services.evaluation.models import uploaded_models
from services.evaluation.models.uploaded_models import UploadedModelDocument
from services.shutdown import grace, pause, policy, rules, run
from services.shutdown.grace import GracesDocument
from services.shutdown.pause import PausedDocument
from services.shutdown.policy import PolicyDocument
from services.shutdown.rules import RulesDocument, RulesRunDocument
from services.shutdown.run import ShutdownRun


def kinds(account: Account) -> list[tuple[Address, type[Document]]]:
    """Where each document lies, or the folder of many, and what it has to hold. Raises AwsError."""
    bucket, names = account.default_bucket(), prepared_data.names(account)
    return [
        (launch_budget.address(account), LimitsDocument),
        (reservations.address(account), ReservationsDocument),
        (policy.address(account), PolicyDocument),
        (rules.address(account), RulesDocument),
        (rules.run_address(account), RulesRunDocument),
        (grace.address(account), GracesDocument),
        (Address(bucket, ledger.FOLDER), LedgerDocument),
        (Address(bucket, pause.FOLDER), PausedDocument),
        (Address(bucket, run.FOLDER), ShutdownRun),
        *((prepared_data.manifest_of(account, name), ManifestDocument) for name in names),
        *((prepared_data.recipe_of(account, name), Recipe) for name in names),
        *((place, LabelledRowsDocument) for place in labelled_rows.stored(account, prepared_data.home(account))),
        *((place, UploadedModelDocument) for place in uploaded_models.stored(account)),
        *((looks.address_of(account, name), RowLooksDocument) for name in names),
    ]


def unreadable(account: Account) -> list[UnreadableDocumentError]:
    """The documents of the account that cannot be read. Raises AwsError."""
    return documents.unreadable(account, kinds(account))


def set_aside(account: Account, document: UnreadableDocumentError, now: datetime) -> Address:
    """Move one beside its place; returns where it is now. Raises AwsError."""
    return documents.set_aside(account, Address.parse(document.address), now)
