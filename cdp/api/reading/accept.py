"""The form of an answer: `?format=`, else the first form of `Accept` that there is (RFC 9110 section 12.5.1)."""

import re
from dataclasses import dataclass
from typing import Final

from cdp.errors import BadInput

SINGLE: Final = "single"
"""One row as one object, or an error: `application/vnd.pgrst.object+json`."""

JSON_TYPE: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Form:
    """A form: its name, its encoder, and the media type that the answer says."""

    name: str
    encoder: str
    media_type: str

    @property
    def plain_type(self) -> str:
        """The media type without its parameters."""
        return self.media_type.partition(";")[0]


FORMS: Final = (
    Form("json", "json", JSON_TYPE),
    Form("ndjson", "ndjson", "application/x-ndjson"),
    Form("csv", "csv", "text/csv; charset=utf-8; header=present"),
    Form("arrow", "arrow", "application/vnd.apache.arrow.stream"),
    Form("parquet", "parquet", "application/vnd.apache.parquet"),
    Form(SINGLE, "json", "application/vnd.pgrst.object+json"),
)
_BY_NAME: Final = {form.name: form for form in FORMS if form.name != SINGLE}
_BY_TYPE: Final = {
    **{form.plain_type: form for form in FORMS},
    "application/ndjson": _BY_NAME["ndjson"],
    "application/jsonl": _BY_NAME["ndjson"],
    "application/vnd.pgrst.array+json": FORMS[0],
    "application/vnd.pgrst.array": FORMS[0],
    "application/vnd.pgrst.object": FORMS[5],
}
_RANGES: Final = {
    "*/*": tuple(_BY_NAME.values()),
    "application/*": tuple(form for form in _BY_NAME.values() if form.plain_type.startswith("application/")),
    "text/*": (_BY_NAME["csv"],),
}
_QUALITY: Final = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_HINT: Final = "there are " + ", ".join(_BY_NAME)


def form_of(named: str | None, accept: str | None) -> Form:
    """Return the form that is asked for; without a word, JSON.

    Raises:
        BadInput: `bad_form`, `not_acceptable`.
    """
    if named is not None:
        if named not in _BY_NAME:
            raise BadInput("bad_form", "there is no such form of an answer", path="format", hint=_HINT)
        return _BY_NAME[named]
    if not accept or accept in ("*/*", JSON_TYPE):
        return FORMS[0]
    ranges = [_ranked(part) for part in accept.split(",") if part.strip()]
    refused = {media_type for quality, media_type, _ in ranges if not quality}  # `*/*` means none of these
    for _, media_type, stripped in sorted(ranges, key=lambda each: -each[0]):
        forms = (_BY_TYPE[media_type],) if media_type in _BY_TYPE else _RANGES.get(media_type, ())
        for form in forms:
            if media_type not in refused and form.plain_type not in refused and not stripped:
                return form
    if not ranges:
        return FORMS[0]
    raise BadInput("not_acceptable", "an answer has none of these forms", path="accept", hint=_HINT)


def _ranked(part: str) -> tuple[float, str, bool]:
    """Return quality, media type, and whether nulls should go: they never do, a withheld cell is no missing key."""
    media_type, *parameters = (each.strip().lower() for each in part.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    return float(quality) if _QUALITY.fullmatch(quality) else 0.0, media_type, "nulls=stripped" in parameters
