"""Auto-shutdown rules: the dialog that adds one, and the list of rules."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import available_timezones

import streamlit as st

from pages.components.queries import costs as cost_queries
from pages.components.queries import inventory as inventory_queries
from pages.components.queries import shutdowns as shutdown_queries
from pages.components.queries.changes import changed
from pages.components.shell import code_block, page_frame
from pages.components.shell.formats import ago, count, dollars_an_hour, plain
from services import settings
from services.aws import tags
from services.aws.account import Account
from services.errors import Problem
from services.inventory.resources import BillableResource, Tags
from services.shutdown import rules as shutdown_rules
from services.shutdown.rules import AtDate, DailyAt, DailyCostAbove, IdleFor, Rule, TagRules, When

CHOSEN = "schedule_chosen"  # keys of the resources to make a rule for
IDLE, CLOCK, SUM, DATE = "Idle for", "Daily at", "Daily cost above", "At date"
NAMED = 5  # resources that are named in a warning
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
    account = settings.as_now(account)
    with page_frame.panel():
        running = inventory_queries.all_regions(account).resources
        chosen = [resource for resource in running if resource.key in st.session_state[CHOSEN]]
        when = _when()
        scope = st.segmented_control(
            "Applies to", [SELECTED, TAGGED], required=True, default=SELECTED, key="schedule_whom"
        )
        tag = ""
        if scope == SELECTED:
            names = ", ".join(resource.name for resource in chosen)
            st.caption(plain(f"Sets the tag {shutdown_rules.TAG} on {names}."))
        else:
            tag = st.text_input("Tag", key="schedule_tag", placeholder="team=fraud, or team for any value")
        deletes = st.checkbox("Delete endpoints instead of pausing them", key="schedule_delete")
        when = replace(when, deletes=deletes)
        st.caption(
            "An endpoint is paused, and can be resumed under its name. Protected resources and storage are never "
            "deleted. Production resources are stopped only by a rule of their own, and not while production is "
            "locked. Ten minutes before, every page says so and can keep the resource."
        )
        confirmed = _confirm_due_now(_due_now(running, chosen if scope == SELECTED else (), tag, when))
        if st.button("Save", key="schedule_keep", type="primary", icon=":material/schedule:", disabled=not confirmed):
            if scope == SELECTED:
                _tag(account, chosen, str(when))
            else:
                _add(account, tag, when)
            _forget()
            changed(account, "rules")
            st.rerun()


def _due_now(
    running: Sequence[BillableResource], chosen: Sequence[BillableResource], tag: str, when: When
) -> list[BillableResource]:
    """What the rule would shut down as soon as it is saved."""
    key, _, value = (part.strip() for part in tag.partition("="))
    tagged = [replace(resource, tags=((shutdown_rules.TAG, str(when)),)) for resource in chosen]
    rules = [Rule(key, value, when)] if key else []
    untagged = [replace(resource, tags=_without_rule(resource)) for resource in running] if key else []
    due, _ = shutdown_rules.due_rules(tagged or untagged, rules, datetime.now(UTC))
    return [one.resource for one in due]


def _without_rule(resource: BillableResource) -> Tags | None:
    """Its tags but for a rule of its own."""
    return resource.tags and tuple(pair for pair in resource.tags if pair[0] != shutdown_rules.TAG)


def _confirm_due_now(due: Sequence[BillableResource]) -> bool:
    """Whether a rule that is due the moment it is made was confirmed."""
    if not due:
        return True
    rate = dollars_an_hour(sum(resource.usd_per_hour or 0.0 for resource in due))
    names = ", ".join(resource.name for resource in due[:NAMED]) + (", …" if len(due) > NAMED else "")
    st.warning(plain(f"Due now: {count(len(due), 'resource')}, {rate}: {names}."), icon=":material/schedule:")
    return st.checkbox("Yes, ten minutes after it is saved", key="schedule_due_now")


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
        with page_frame.panel():
            _enforced_by(account)
        for resource, text in own:
            with page_frame.panel():  # a tag set elsewhere may hold no valid rule
                shutdown_rules.parse(text)
            where = "" if resource.region == account.region else f" in {resource.region}"
            stays = " (storage is never deleted)" if resource.kind in shutdown_rules.KEPT else ""
            rule_text = plain(f"{where}: {text}{stays}")
            if _row(f"**{plain(f'{resource.kind} {resource.name}')}**{rule_text}", "_".join(resource.key)):
                tags.save(account.at(resource.region), resource.arn, {shutdown_rules.TAG: ""})
                changed(account, "rules")
                st.rerun()
        _invalid(account, for_tags)
        for rule in for_tags.rules:
            carrying = count(sum(rule.holds_for(resource) for resource in running), "resource")
            tag = f"{rule.key}={rule.value}" if rule.value else f"{rule.key}, any value"
            if _row(
                f"**{plain(f'Tag {tag}')}** ({carrying} now): {plain(rule.when)}",
                f"{rule.key}_{rule.value}_{rule.when}",
            ):
                shutdown_rules.remove(account, rule)
                changed(account, "rules")
                st.rerun()
        with st.expander("Run it in the background", key="reaper_code"):
            st.caption("With cron, every ten minutes; docs/schedules.md has the permissions and a Lambda function.")
            code_block.show(COMMAND, "bash")


def _enforced_by(account: Account) -> None:
    """Who applies the rules, when that was last, and what was wrong then."""
    last = shutdown_queries.last_rules_run(account)
    when = f"last run {ago(last.at, datetime.now(UTC))} by {last.by}" if last else "not run yet"
    mode = " This dashboard is read-only and does not apply them." if account.read_only else ""
    st.caption(f"Rules apply only while SageDeck or its reaper runs; {when}.{mode}")
    for problem in last.problems if last else ():
        st.warning(plain(problem), icon=":material/visibility_off:")


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
        st.markdown(text, width="stretch")
        return st.button("Remove", key=f"schedule_remove_{key}", icon=":material/close:")
