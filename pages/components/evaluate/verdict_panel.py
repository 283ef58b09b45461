"""The verdict on a scored model, before any number: what speaks for it and against it, and what to do about it."""

import streamlit as st

from pages.components.queries import decisions, verdicts
from pages.components.queries.evaluations import Choice, Evaluation
from pages.components.shell import formats, page_frame
from services.data.class_names import class_name
from services.errors import Problem
from services.evaluation import model_ranking
from services.evaluation.class_metrics import ScoredClasses
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.metrics import Scored
from services.evaluation.number_metrics import ScoredNumbers
from services.evaluation.verdict import numbers, several_classes, two_classes
from services.evaluation.verdict.statement import (
    ApprovedModel,
    EvaluatedRows,
    RemedyPlace,
    Statement,
    Suspect,
    VerdictLevel,
)

ICONS = {
    VerdictLevel.GOOD: ":green[:material/check_circle:]",
    VerdictLevel.CAUTION: ":orange[:material/warning:]",
    VerdictLevel.BAD: ":red[:material/error:]",
}
LINKS = {RemedyPlace.TRAIN: ("train", "Train again"), RemedyPlace.PREPARE: ("data", "Prepare the data")}


def show(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """The statements, the weightiest as the headline; and how often the test rows were looked at."""
    first, *others = statements(choice, evaluation, model)
    with st.container(border=True, key="verdict"):
        st.markdown(f"### {ICONS[first.level]} {formats.plain(first.claim)}")
        st.markdown(formats.plain(f"{_upper(first.figures)}{'.' * bool(first.figures)} {first.advice}".strip()))
        with st.container(gap="xsmall"):
            for one in others:
                st.markdown(f"{ICONS[one.level]} {formats.plain(f'{one.sentence} {one.advice}'.strip())}")
        _links(choice, (first, *others))
        if choice.split == "test":
            _looks(choice, evaluation, model)


def statements(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> tuple[Statement, ...]:
    """The verdict on an evaluation, with what is known beside it; what cannot be asked for is said and left out."""
    data, scored = evaluation.data, evaluation.scored
    names = [class_name(name) for name in data.classes]
    final = model.job is not None and model_ranking.has_learned_validation(model.job)
    learned = choice.split == "train" or (final and choice.split == "validation")
    rows = EvaluatedRows(choice.split, learned, choice.file)
    earlier = None if final else verdicts.of_validation(choice, model, data)
    approved = _approved(choice, evaluation, model)
    if isinstance(scored, ScoredClasses):
        suspects = _suspects(choice, evaluation, model) if several_classes.is_suspicious(scored) else ()
        gains = several_classes.loss_gains(evaluation.labels, evaluation.scores)
        before = earlier.scored if earlier and isinstance(earlier.scored, ScoredClasses) else None
        return several_classes.verdict(
            scored, names, rows, losses=gains, approved=approved, validation=before, suspects=suspects
        )
    if isinstance(scored, ScoredNumbers):
        suspects = _suspects(choice, evaluation, model) if numbers.is_suspicious(scored) else ()
        numbers_before = earlier.scored if earlier and isinstance(earlier.scored, ScoredNumbers) else None
        return numbers.verdict(scored, rows, approved=approved, validation=numbers_before, suspects=suspects)
    suspects = _suspects(choice, evaluation, model) if two_classes.is_suspicious(scored) else ()
    ranked_before = earlier.scored if earlier and isinstance(earlier.scored, Scored) else None
    return two_classes.verdict(
        scored, names, rows, _threshold(choice, model), approved=approved, validation=ranked_before, suspects=suspects
    )


def _threshold(choice: Choice, model: EvaluatedModel) -> float:
    """That of the slider or, before it was drawn, of the saved decision."""
    try:
        usual = decisions.applied(choice.account, model.uri).threshold
    except Problem:  # said where the threshold is chosen
        usual = 0.5
    return float(st.session_state.get("threshold", usual))


def _approved(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> ApprovedModel | None:
    try:
        version = verdicts.approved_on(choice.account, choice.data)
        if version is None:
            return None
        name = f"{version} of {version.group}"
        if version.model_uri == model.uri:
            return ApprovedModel(name, is_same=True)
        return ApprovedModel(name, verdicts.comparison(version, choice, evaluation))
    except Problem as problem:
        st.caption(formats.plain(f"The approved model is unknown. {problem}"))
        return None


def _suspects(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> tuple[Suspect, ...]:
    try:
        return verdicts.suspects(choice, model, evaluation.data)
    except Problem as problem:
        st.caption(formats.plain(f"The columns could not be examined. {problem}"))
        return ()


def _links(choice: Choice, said: tuple[Statement, ...]) -> None:
    """A link for each place where an advice is followed."""
    places = {one.remedy for one in said if one.remedy}
    with st.container(horizontal=True):
        approved = verdicts.approved_on(choice.account, choice.data) if RemedyPlace.APPROVED in places else None
        if approved and approved.job:
            page_frame.next_step("evaluate", "Open the approved model", job=approved.job, split=choice.split)
        if RemedyPlace.VALIDATION in places:
            page_frame.next_step("evaluate", "Open on validation rows", job=choice.job, split="validation")
        for place, (page, label) in LINKS.items():
            if place in places:
                page_frame.next_step(page, label, data=choice.data)


def _looks(choice: Choice, evaluation: Evaluation, model: EvaluatedModel) -> None:
    """Counts this look once, and says how many there were."""
    name = evaluation.data.display_name
    try:
        looks = verdicts.count_look(choice.account, evaluation.data, model.name, evaluation.at)
    except Problem as problem:
        st.caption(f":material/visibility: {formats.plain(f'This look at the test rows was not counted. {problem}')}")
        return
    number = len(looks.looks)
    if number < 2:
        said = f"First look at the test rows of {name}: choose and set the threshold on validation rows."
    else:
        models = formats.count(looks.models, "model")
        said = (
            f"Test rows of {name} were looked at {number:,} times, by {models}: each further choice makes the result "
            "more optimistic."
        )
    st.caption(f":material/visibility: {formats.plain(said)}")


def _upper(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
