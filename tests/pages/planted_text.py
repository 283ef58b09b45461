"""Text that would become elements, directives and a request where a page handed it to Markdown or a chart as it is."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

ADDRESS = "http://127.0.0.1:9"
PLANTED = (
    f"![planted]({ADDRESS}/p.png) [planted]({ADDRESS}/l) :red[planted] **planted** <b>planted</b> \u202eplanted "
    "$planted$ :material/home: %{planted}"
)
FREE = {"FailureReason", "StatusMessage", "ApprovalDescription", "ModelPackageDescription"}  # members of answers
FAILED = re.compile("describe_(training_job|hyper_parameter_tuning_job|endpoint|transform_job)")
DRAWN = {"body", "label", "help", "text", "delta", "content", "caption", "delta_description"}  # as Markdown
# What is left of `PLANTED` where it is Markdown, and where it is HTML or a template of a chart.
LIVE = re.compile(r"(?<!\\)(?:!\[|\]\(|:red\[planted|\*\*planted|<b>|\$planted)|:material/home|\u202e")
LIVE_IN_CHARTS = re.compile(r"<b>planted|%\{planted|\u202e")


def plant(operation: str, answer: Any) -> Any:
    """`answer` of an AWS operation with `PLANTED` in whatever text an account may hold."""
    planted = _planted(answer)
    if FAILED.fullmatch(operation):
        planted |= {"FailureReason": PLANTED}
    if operation == "list_tags":
        own = [{"Key": key, "Value": PLANTED} for key in ("sagedeck:name", "sagedeck:note", PLANTED)]
        planted |= {"Tags": [*planted.get("Tags", []), *own]}
    return planted


def _planted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: PLANTED if key in FREE else _planted(member) for key, member in value.items()}
    return [_planted(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Drawn:
    """A text on a page: the kind of its element and the field, and whether it stands in a chart."""

    where: str
    text: str
    in_chart: bool = False

    @property
    def is_live(self) -> bool:
        """Whether planted text in it is more than text."""
        if self.in_chart:
            return bool(LIVE_IN_CHARTS.search(self.text))
        without_code = re.sub(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", self.text)
        return bool(LIVE.search(self.text)) or ADDRESS in without_code


def drawn(page: AppTest) -> list[Drawn]:
    """Everything on the page that Streamlit draws as Markdown, tables without a canvas, and what stands in charts."""
    found: list[Drawn] = []
    for node in _nodes(page._tree):
        proto = getattr(node, "proto", None)
        if proto is None:
            continue
        if node.type == "plotly_chart":
            found += [Drawn("chart", text, True) for text in _strings(json.loads(proto.spec))]
        elif node.type in ("table", "arrow_table"):
            found += [Drawn("table", str(cell)) for cell in [*node.value.index, *node.value.to_numpy().ravel()]]
        else:
            found += [Drawn(f"{node.type}.{field}", text) for field, text in _fields(proto)]
    return found


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from _nodes(child)


def _fields(proto: Message) -> Iterator[tuple[str, str]]:
    for field, value in proto.ListFields():
        values = value if isinstance(value, list) or hasattr(value, "append") or hasattr(value, "add") else [value]
        for each in values:
            if isinstance(each, Message):
                yield from _fields(each)
            elif isinstance(each, str) and field.name in DRAWN:
                yield field.name, each


def _strings(value: Any) -> Iterator[str]:
    """The strings of a chart's specification."""
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _strings(member)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, str):
        yield value
