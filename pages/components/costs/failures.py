"""What could not be listed, by kind: the same error in many regions is one line."""

from collections import defaultdict
from collections.abc import Sequence

import streamlit as st

from pages.components.shell.formats import count, plain
from services.aws.account import Account
from services.inventory.resources import Failure

FEW, MANY = 2, 12  # kinds that get a sentence each, and kinds that are named


def show(failures: Sequence[Failure], account: Account) -> None:
    """A sentence for each kind, or one for all of them and the sentences behind it."""
    kinds = by_kind(failures)
    sentences = [f"{label(group, account)} not included. {message(group)}" for group in kinds]
    if len(kinds) <= FEW:
        for sentence in sentences:
            st.warning(plain(sentence), icon=":material/visibility_off:")
        return
    names = ", ".join(label(group, account) for group in kinds[:MANY])
    rest = f" and {len(kinds) - MANY} more" if len(kinds) > MANY else ""
    st.warning(plain(f"{len(kinds)} kinds of resources not included: {names}{rest}."), icon=":material/visibility_off:")
    with st.expander("Reasons and required permissions"):
        for sentence in sentences:
            st.markdown(f"- {plain(sentence)}")


def by_kind(failures: Sequence[Failure]) -> list[list[Failure]]:
    """The failures of each kind together, in the order in which the kinds came."""
    kinds: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        kinds[failure.kind].append(failure)
    return list(kinds.values())


def label(group: Sequence[Failure], account: Account) -> str:
    """ "Studio app", "3 of Endpoint in eu-west-1", "Studio app in 17 regions", "eu-west-1"."""
    hidden, kind = sum(failure.resources for failure in group), group[0].kind
    regions = dict.fromkeys(failure.region for failure in group)
    if len(regions) > 1:
        where = f" in {count(len(regions), 'region')}"
    else:
        where = f" in {group[0].region}" if group[0].region not in ("", account.region, kind) else ""
    return f"{f'{hidden} of ' if hidden else ''}{kind}{where}"


def message(group: Sequence[Failure]) -> str:
    """The first error, and the other regions that had one."""
    others = [region for region in dict.fromkeys(failure.region for failure in group) if region != group[0].region]
    return f"{group[0].sentence} And in {', '.join(others)}." if others else group[0].sentence
