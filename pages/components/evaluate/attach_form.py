"""What a model from elsewhere was trained on: told once by a person, kept with the model."""

from datetime import UTC, datetime
from functools import partial

import streamlit as st

from pages.components.queries import data_sets as data_queries
from pages.components.queries import models as model_queries
from pages.components.shell import formats, page_frame
from services import settings
from services.aws.account import Account
from services.data.target_kind import TargetKind
from services.evaluation.evaluated_model import EvaluatedModel
from services.evaluation.models import attached_data
from services.evaluation.models.attached_data import ModelColumns, ModelDataDocument

SET, COLUMNS = "Prepared data set", "Column names"
KINDS = {TargetKind.TWO_CLASSES: "Two classes", TargetKind.CLASSES: "Several classes", TargetKind.NUMBER: "Number"}


def show(account: Account, model: EvaluatedModel) -> None:
    """The form of a model nobody has told the data of; the page runs again once they are attached."""
    channel = model.job.channels.get("train", "") if model.job else ""
    where = f" It was trained on {channel}, and no prepared set of that is here." if channel else ""
    st.info(
        formats.plain(
            f"The data of {model.name} are unknown here.{where} Attach them once: they are kept with the model."
        ),
        icon=":material/attach_file:",
    )
    names = data_queries.prepared_names(account)
    ways = [SET, COLUMNS] if names else [COLUMNS]
    with st.container(border=True), page_frame.panel():
        way = st.segmented_control("Attach", ways, default=ways[0], required=True, key="attach_way")
        known = _known_columns(account, model)
        attached = _choose_set(account, names) if way == SET else _name_columns(model, known)
        if st.button("Attach", key="attach", type="primary", icon=":material/attach_file:"):
            _attach(account, model, attached, known[0])


def note(account: Account, model: EvaluatedModel) -> None:
    """When the data of a model from elsewhere were attached, and a button that forgets them; nothing for others."""
    attached = attached_data.find(account, model)
    if not attached:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        what = data_queries.display_name(account, attached.data) if attached.data else "column names"
        when = formats.ago(attached.attached, datetime.now(UTC))
        st.caption(formats.plain(f"Data attached {when}: {what}."), width="content")
        if st.button("Attach other data", key="detach", icon=":material/edit:", type="tertiary"):
            attached_data.detach(settings.as_now(account), model)
            st.rerun()


def _known_columns(account: Account, model: EvaluatedModel) -> tuple[int | None, tuple[str, ...]]:
    """How many columns the model's file takes and their names, as far as the file is read here and tells them."""
    if not model.is_read_here:
        return None, ()
    loaded = model_queries.model(account, model.uri)
    return loaded.columns, loaded.names


def _choose_set(account: Account, names: list[str]) -> ModelDataDocument:
    shown = partial(data_queries.display_name, account)
    name = st.selectbox("Data set", names, key="attach_data", format_func=shown)
    return ModelDataDocument(data=name, attached=datetime.now(UTC))


def _name_columns(model: EvaluatedModel, known: tuple[int | None, tuple[str, ...]]) -> ModelDataDocument | None:
    """The columns as typed; None while a field is empty. Raises Problem for names that cannot be."""
    count, names = known
    told = f"The model takes {formats.count(count, 'column')}. " if count else ""
    left, middle, right = st.columns(3)
    target = left.text_input("Target column", key="attach_target", placeholder="Class")
    kind = middle.selectbox("It holds", list(KINDS), key="attach_kind", format_func=KINDS.__getitem__)
    classes = (
        ""
        if kind is TargetKind.NUMBER
        else right.text_input(
            "Classes",
            key="attach_classes",
            placeholder="no, yes" if kind is TargetKind.TWO_CLASSES else "low, middle, high",
            help="In the order of their labels 0, 1, …; of two classes the second is the positive one",
        )
    )
    typed = st.text_area(
        "Columns in the order of training",
        ", ".join(names),
        key=f"attach_columns_{model.uri}",
        help=f"{told}Separated by commas or line ends, without the target",
        placeholder="amount, hour, country",
    )
    st.caption(f"{told}Rows to evaluate are then files with these columns and the target.")
    if not target.strip() or not typed.strip():
        return None
    columns = ModelColumns(features=_split(typed), target=target.strip(), kind=kind, classes=_split(classes))
    return ModelDataDocument(columns=columns, attached=datetime.now(UTC))


def _split(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("\n", ",").split(",") if name.strip())


def _attach(account: Account, model: EvaluatedModel, attached: ModelDataDocument | None, count: int | None) -> None:
    if attached is None:
        st.warning("Enter the target column and the column names.", icon=":material/edit:")
        return
    columns = (
        attached.columns.features if attached.columns else data_queries.prepared_data(account, attached.data).features
    )
    if count is not None:
        attached_data.check_columns(model, count, columns)
    attached_data.attach(settings.as_now(account), model, attached)
    st.rerun()
