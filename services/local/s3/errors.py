"""How S3 refuses."""


class S3Error(Exception):
    """A refusal as S3 would send it: `code`, `message` and HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
