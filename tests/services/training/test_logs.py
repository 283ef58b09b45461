"""The log of a training job, as CloudWatch Logs hands it out: an empty page is not the end, the same token twice is."""

from datetime import UTC, datetime
from typing import Any

from services.aws.account import Account
from services.training import learning_curves
from services.training import logs as training_logs

NOW = datetime(2026, 11, 24, tzinfo=UTC)
Page = list[str]


class PagedLog(Account):
    """A job whose instances each have a stream of three pages, of which the second one is empty."""

    PAGES: tuple[Page, ...] = (["[0]#011validation-auc:0.5"], [], ["[1]#011validation-auc:0.6"])
    STREAMS: tuple[Page, ...] = (["cards/algo-1-0"], [], ["cards/algo-2-0"])

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        place = int(parameters.get("nextToken", 0))
        if operation == "describe_log_streams":
            more = {"nextToken": str(place + 1)} if place + 1 < len(self.STREAMS) else {}
            return {"logStreams": [{"logStreamName": name} for name in self.STREAMS[place]], **more}
        lines = self.PAGES[place] if place < len(self.PAGES) else []
        return {
            "events": [{"timestamp": 1, "message": line} for line in lines],
            "nextForwardToken": str(min(place + 1, len(self.PAGES))),
        }


def test_an_empty_page_does_not_cut_the_log_and_no_stream_is_left_out() -> None:
    lines = training_logs.log_lines(PagedLog("AWS", "us-east-1"), "cards", NOW)
    assert lines == ["[0]#011validation-auc:0.5", "[1]#011validation-auc:0.6"] * 2


def test_an_empty_page_does_not_cut_the_learning_curve() -> None:
    curves = learning_curves.read(PagedLog("AWS", "us-east-1"), ["cards"], NOW)
    assert curves["cards"].values == {"validation:auc": (0.5, 0.6)}
