"""Auto-shutdown rules: the dialog that adds one, and the list of rules."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import available_timezones

import streamlit as st

from pages.components.queries import costs as cost_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries.changes import changed
from pages.components.shell import code_block, page_frame
from pages.components.shell.formats import count, plain
from services.aws import tags
from services.aws.account import Account
from services.errors import Problem
from services.inventory.resources import BillableResource
from services.shutdown import rules as shutdown_rules
from services.shutdown.rules import AtDate, DailyAt, DailyCostAbove, IdleFor, Rule, TagRules, When

CHOSEN = "schedule_chosen"  # keys of the resources to make a rule for
IDLE, CLOCK, SUM, DATE = "Idle for", "Daily at", "Daily cost above", "At date"
SELECTED, TAGGED = "Selected resources", "All resources with a tag"
COMMAND = "*/10 * * * *  cd sagedeck && .venv/bin/python -m services.reaper --profile PROFILE --all-regions"


def open_for(resources: Sequence[BillableResource]) -> None:
    """Open the dialog for `resources` on the next run."""
    st.session_state[CHOSEN] = [resource.key for resource in resources]


def dialog(account: Account) -> None:
    """The dialog, if it is to be open. Call it once per page."""
    if CHOSEN in st.session_state:
        _schedule(account)


def _forget() -> None:
    st.session_state.pop(CHOSEN, None)


@st.dialog("Auto-shutdown rule", icon=":material/schedule:", on_dismiss=_forget)
def _schedule(account: Account) -> None:
    with page_frame.panel():
        running = inventory_queries.all_regions(account).resources
        chosen = [resource for resource in running if resource.key in st.session_state[CHOSEN]]
        when = _when()
        scope = st.segmented_control(
            "Applies to", [SELECTED, TAGGED], required=True, default=SELECTED, key="schedule_whom"
        )
        tag = ""
        if scope == SELECTED:
            st.caption(f"Sets the tag {shutdown_rules.TAG} on {', '.join(resource.name for resource in chosen)}.")
        else:
            tag = st.text_input("Tag", key="schedule_tag", placeholder="team=fraud, or team for any value")
        st.caption(
            "An endpoint is deleted, since SageMaker cannot stop one; its model stays. Protected resources "
            "and storage are never deleted. Production resources are stopped only by a rule of their own, "
            "and not while production is locked. Rules run only while SageDeck runs, or without it "
            "with `python -m services.reaper`."
        )
        if st.button("Save", key="schedule_keep", type="primary", icon=":material/schedule:"):
            if scope == SELECTED:
                _tag(account, chosen, str(when))
            else:
                _add(account, tag, when)
            _forget()
            changed(account, "rules")
            st.rerun()


def _when() -> When:
    """The rule that is filled in."""
    form = st.segmented_control("When", [IDLE, CLOCK, SUM, DATE], required=True, default=IDLE, key="schedule_form")
    left, right = st.columns(2)
    if form == CLOCK:
        clock = left.time_input("Time", time(18), key="schedule_time")
        zones = sorted(available_timezones())
        browser_zone = st.context.timezone
        zone = right.selectbox(
            "Time zone", zones, zones.index(browser_zone if browser_zone in zones else "UTC"), key="schedule_zone"
        )
        return DailyAt(clock, zone)
    if form == SUM:
        return DailyCostAbove(
            left.number_input("Dollars per day (UTC)", 0.01, value=20.0, step=1.0, key="schedule_usd")
        )
    if form == DATE:
        later = datetime.now(UTC) + timedelta(days=1)
        day = left.date_input("Day", later.date(), key="schedule_day")
        clock = right.time_input("Time (UTC)", time(18), key="schedule_day_time")
        return AtDate(datetime.combine(day, clock, UTC))
    return IdleFor(left.number_input("Hours without use", 0.1, value=2.0, step=0.5, key="schedule_hours"))


def _tag(account: Account, resources: Sequence[BillableResource], text: str) -> None:
    for resource in resources:
        if not resource.arn:
            raise Problem(
                f"{resource.kind} {resource.name}",
                "its ARN is unknown, so it cannot be tagged",
                "Make a rule for one of its tags",
            )
        tags.save(account.at(resource.region), resource.arn, {shutdown_rules.TAG: text})


def _add(account: Account, tag: str, when: When) -> None:
    key, _, value = (part.strip() for part in tag.partition("="))
    if not key:
        raise Problem("Auto-shutdown rule", "the tag is missing", "Write one as team=fraud")
    tags.validate({key: value})
    shutdown_rules.add(account, Rule(key, value, when, account.identity().arn))


def section(account: Account, running: Sequence[BillableResource]) -> None:
    """The list of rules, if there are any. Raises Problem."""
    own = [(resource, text) for resource in running if (text := dict(resource.tags or ()).get(shutdown_rules.TAG))]
    for_tags = TagRules(())
    with page_frame.panel():
        for_tags = cost_queries.rules(account)
    if not own and not for_tags.rules and not for_tags.problems:
        return
    with st.container(border=True):
        st.subheader("Auto-shutdown rules", anchor=False)
        for resource, text in own:
            with page_frame.panel():  # a tag set elsewhere may hold no valid rule
                shutdown_rules.parse(text)
            where = "" if resource.region == account.region else f" in {resource.region}"
            stays = " (storage is never deleted)" if resource.kind in shutdown_rules.KEPT else ""
            if _row(f"**{resource.kind} {resource.name}**{where}: {text}{stays}", "_".join(resource.key)):
                tags.save(account.at(resource.region), resource.arn, {shutdown_rules.TAG: ""})
                changed(account, "rules")
                st.rerun()
        _invalid(account, for_tags)
        for rule in for_tags.rules:
            carrying = count(sum(rule.holds_for(resource) for resource in running), "resource")
            tag = f"{rule.key}={rule.value}" if rule.value else f"{rule.key}, any value"
            if _row(f"**Tag {tag}** ({carrying} now): {rule.when}", f"{rule.key}_{rule.value}_{rule.when}"):
                shutdown_rules.remove(account, rule)
                changed(account, "rules")
                st.rerun()
        with st.expander("Run it in the background", key="reaper_code"):
            st.caption("With cron, every ten minutes; docs/schedules.md has the permissions and a Lambda function.")
            code_block.show(COMMAND, "bash")


def _invalid(account: Account, for_tags: TagRules) -> None:
    """Rules that cannot be read, and the button that removes them."""
    for problem in for_tags.problems:
        st.error(plain(str(problem)), icon=":material/error:")
    if for_tags.problems and st.button("Remove invalid rules", key="remove_invalid_rules", icon=":material/delete:"):
        shutdown_rules.remove_invalid(account)
        changed(account, "rules")
        st.rerun()


def _row(text: str, key: str) -> bool:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(text), width="stretch")
        return st.button("Remove", key=f"schedule_remove_{key}", icon=":material/close:")
