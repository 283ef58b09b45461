"""What a container's inference side answers, whatever the algorithm."""

from dataclasses import dataclass


class PayloadError(Exception):
    """A request that cannot be answered: the HTTP status and, as the message, the words of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class InferenceAnswer:
    """What goes back to the caller; a refusal is an answer too."""

    status: int
    content_type: str
    body: bytes
