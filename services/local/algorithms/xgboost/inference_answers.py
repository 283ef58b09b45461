"""How scores are written: the text of AWS's container of each version, and the forms a caller may ask for.

Source: aws/sagemaker-xgboost-container, June 2026; the developer guide, "Common data formats for inference".
"""

from collections.abc import Callable, Mapping

import numpy as np

from services.local.algorithms.answers import PayloadError

CSV, JSON, JSON_LINES = "text/csv", "application/json", "application/jsonlines"
BATCH, MULTI_MODEL, DEFAULT_ACCEPT = "SAGEMAKER_BATCH", "SAGEMAKER_MULTI_MODEL", "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"
JOINING = ("1", "latest", "0.90-1", "0.90-2", "1.0-1", "1.2-1")  # tags whose endpoints join scores by commas
Writer = Callable[[np.ndarray], bytes]
Form = tuple[str, Writer]  # what an answer is, and how it is written


def answer_form(environment: Mapping[str, str]) -> Callable[[str], Form]:
    """How an image answers what is accepted: a transform job and an image up to 1.2-1 do in their one form."""
    if BATCH in environment:
        return lambda accept: (CSV, _as_lines)
    if environment.get("IMAGE_TAG", "").removesuffix("-cpu-py3") in JOINING:
        return lambda accept: (CSV, _joined)
    if MULTI_MODEL in environment:
        return _of_many_models(environment)
    return choice({CSV: _as_lines, JSON: _as_json, JSON_LINES: _as_json_lines}, environment)


def with_charset(form: Callable[[str], Form]) -> Callable[[str], Form]:
    """The same forms, CSV named with its charset: what answers for one model, and not for many, does so."""

    def named(accept: str) -> Form:
        media_type, writer = form(accept)
        return (f"{CSV}; charset=utf-8" if media_type == CSV else media_type), writer

    return named


def _of_many_models(environment: Mapping[str, str]) -> Callable[[str], Form]:
    """Another server answers for many models: in JSON unless CSV is asked for, and JSON is a plain list."""
    chosen = choice({CSV: _joined, JSON: _as_list}, environment, JSON)

    def form(accept: str) -> Form:
        try:
            return chosen(accept)
        except PayloadError:
            message = (
                f"{accept} is not an accepted Accept type. Please choose one of the following: ['{CSV}', '{JSON}']."
            )
            raise PayloadError(415, f"Encoding to accept type {accept} failed with exception: {message}") from None

    return form


def choice(
    writers: Mapping[str, Writer], environment: Mapping[str, str], otherwise: str = CSV
) -> Callable[[str], Form]:
    """The first form in what is accepted that can be written; the environment's, or `otherwise`, when any will do."""
    default = environment.get(DEFAULT_ACCEPT, otherwise)

    def chosen(accept: str) -> Form:
        wanted = default if accept in ("", "*/*") else accept
        for media_type in wanted.split(","):
            form = media_type.partition(";")[0].strip().lower()
            form = CSV if form in ("*/*", "text/*") else form
            if form in writers:
                return form, writers[form]
        raise PayloadError(406, f"Accept type {wanted} is not supported. Please use one of: {', '.join(writers)}.")

    return chosen


def _texts(predictions: np.ndarray) -> list[str]:
    """A text a record, as the container writes it: a number of 32 bits widened to 64, or a list of such in brackets."""
    return list(map(repr, predictions.astype(np.float64).tolist()))


def _as_lines(predictions: np.ndarray) -> bytes:
    return "\n".join([*_texts(predictions), ""]).encode()


def _joined(predictions: np.ndarray) -> bytes:
    return ",".join(_texts(predictions)).encode()


def _as_list(predictions: np.ndarray) -> bytes:
    return f"[{', '.join(_texts(predictions))}]".encode()


def _as_json(predictions: np.ndarray) -> bytes:
    scores = ", ".join(f'{{"score": {row}}}' for row in _texts(predictions))
    return f'{{"predictions": [{scores}]}}'.encode()


def _as_json_lines(predictions: np.ndarray) -> bytes:
    return "".join(f'{{"score": {row}}}\n' for row in _texts(predictions)).encode()
