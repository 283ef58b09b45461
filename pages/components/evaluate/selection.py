"""What is evaluated: the model, the rows and the scoring method, chosen at the top of the Evaluate page."""

from functools import partial

import streamlit as st

from pages.components.evaluate import attach_form, labelled_file, method_picker, model_picker
from pages.components.evaluate.overview import threshold_form
from pages.components.queries import endpoints as endpoint_queries
from pages.components.queries.evaluations import BATCH, FILE, Choice
from pages.components.shell import formats, url_selection
from services.algorithms.algorithm import Answers
from services.aws.account import Account
from services.aws.documents import UnreadableDocumentError
from services.aws.errors import AwsError
from services.data.prepared_data import PreparedData
from services.errors import Problem
from services.evaluation import labelled_rows, model_ranking
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.labelled_rows import LabelledRowsDocument
from services.evaluation.models import attached_data

SPLITS = ("validation", "test", "train")


def choose(account: Account) -> tuple[Choice, PreparedData, EvaluatedModel] | None:
    """The model and rows to evaluate: the choice, the data with its labelled files, the model; None without all."""
    url_selection.follow("split", "how")
    threshold_form.follow_address()
    model = model_picker.choose(account)
    if not model:
        return None
    data = _data_of(account, model)
    if not data:
        attach_form.show(account, model)
        return None
    if attached_data.is_attached(model, data):
        attach_form.note(account, model)
    files = labelled_rows.listed(account, data)
    data = labelled_rows.with_parts(data, files)
    split = _choose_rows(account, data, model, files)
    if not split:
        return None
    method = method_picker.choose(account, model, data, split)
    edition = "" if method in (FILE, BATCH) else endpoint_queries.endpoint(account, method).edition
    file = next((one.file for one in files if one.part == split), "")
    job, uri = (model.job.name, "") if model.job else ("", model.uri)
    return Choice(account, job, method, data.name, split, edition, uri, file), data, model


def _data_of(account: Account, model: EvaluatedModel) -> PreparedData | None:
    """The data the model learned from; None where they are unknown, or gone since they were attached."""
    try:
        return attached_data.data_of(account, model)
    except (AwsError, UnreadableDocumentError):
        raise
    except Problem as problem:
        st.warning(formats.plain(problem), icon=":material/help:")
        return None


def answers(choice: Choice, model: EvaluatedModel) -> Answers:
    """The format in which the scoring method answers."""
    if choice.method in (FILE, BATCH):
        return model.answers
    return endpoint_queries.endpoint(choice.account, choice.method).answers


def _choose_rows(
    account: Account, data: PreparedData, model: EvaluatedModel, files: list[LabelledRowsDocument]
) -> str | None:
    """A split of the set or a labelled file; None while a set that has no rows has no file either."""
    names = {one.part: f"{one.file} ({one.sha256[:6]})" for one in files}
    options = [*_parts(data, model), *names]
    if not options:
        with st.container(border=True):
            labelled_file.show(account, data)
        return None
    added = st.session_state.pop(labelled_file.ADDED, None)
    if added in options:
        st.session_state["split"] = added
    elif st.session_state.get("split") not in options:  # of another set
        st.session_state.pop("split", None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split: str = st.selectbox(
            "Rows",
            options,
            key="split",
            format_func=partial(_label, names),
            bind="query-params",
            help="Choose the model and its threshold on validation rows. Test rows are for the chosen model: their "
            "result is unbiased as long as nothing is chosen by them",
            width=280,
        )
        with st.popover("Evaluate another file", icon=":material/upload_file:"):
            labelled_file.show(account, data)
    chosen = next((one for one in files if one.part == split), None)
    if chosen:
        st.caption(formats.plain(_described(chosen, data)))
    return split


def _parts(data: PreparedData, model: EvaluatedModel) -> list[str]:
    """The parts of the set that have rows, those to choose by first; of a final training that learned them, test."""
    final = model.job is not None and model_ranking.has_learned_validation(model.job)
    order = ("test", "validation", "train") if final else SPLITS
    return [part for part in order if data.rows.get(part)]


def _label(names: dict[str, str], split: str) -> str:
    return names.get(split, split)


def _described(file: LabelledRowsDocument, data: PreparedData) -> str:
    """What a labelled file holds and what was left out of it."""
    classes = zip(file.class_rows, data.classes, strict=True) if file.class_rows else ()
    held = ", ".join(f"{count:,} {name}" for count, name in classes)
    return " ".join([f"{formats.count(file.rows, 'row')}{f' ({held})' if held else ''}.", *file.notes])
