"""The buttons that set and remove the tag that protects a resource from shutdown."""

from collections.abc import Sequence

import streamlit as st

from pages.components.queries.changes import changed
from pages.components.shell import page_frame
from services.aws import tags
from services.aws.account import Account
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.shutdown import protection as deletion_protection
from services.shutdown.protection import Guard


def buttons(account: Account, chosen: Sequence[BillableResource]) -> None:
    """Protect those of `chosen` that are not, unprotect those that are; a refusal is one sentence."""
    protected = [resource for resource in chosen if deletion_protection.guard(resource.tags) is Guard.PROTECTED]
    others = [resource for resource in chosen if deletion_protection.guard(resource.tags) is not Guard.PROTECTED]
    if st.button("Protect", key="costs_protect", icon=":material/shield:", disabled=not others):
        _tag(account, others, "true")
    if protected and st.button("Unprotect", key="costs_unprotect", icon=":material/remove_moderator:"):
        _tag(account, protected, "")


def _tag(account: Account, resources: Sequence[BillableResource], value: str) -> None:
    with page_frame.panel():
        for resource in resources:
            if not resource.arn:
                raise Problem(
                    f"{resource.kind} {resource.name}",
                    "its ARN is unknown, so it cannot be tagged",
                    ("Remove it from the selection"),
                )
            tags.save(account.at(resource.region), resource.arn, {deletion_protection.PROTECTED: value})
        changed(account, "resources")
        if any(resource.region != account.region for resource in resources):
            changed(account, "resources in other regions")
        st.rerun()
