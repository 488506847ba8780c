"""The review: somebody who neither asked nor granted says whether it was justified, in words."""

from datetime import datetime
from typing import Final

from cdp.bootstrap import Platform
from cdp.errors import BadInput
from cdp.services.breakglass.ask import check_words
from cdp.services.breakglass.records import WORDS, Grant
from cdp.services.breakglass.states import JUSTIFIED, NOT_JUSTIFIED, Step, review as reviewed
from cdp.services.breakglass.work import working_on
from cdp.services.requests.officer import Officer

VERDICTS: Final = (JUSTIFIED, NOT_JUSTIFIED)


def review(
    platform: Platform, grant_id: str, verdict: str, words: str, *, officer: Officer, revision: int,
    now: datetime | None = None,
) -> Grant:  # fmt: skip
    """Say whether a grant that was used and is over was justified.

    Raises:
        NotFound: `unknown_grant`.
        Refused: `own_act`, `own_request`, `break_glass_state`, `break_glass_moved`.
        BadInput: `bad_verdict`, `text_needed`, `bad_text`.
    """
    if verdict not in VERDICTS:
        raise BadInput("bad_verdict", "it was justified, or it was not", path="verdict")
    check_words(words, path="words")
    with working_on(platform, grant_id, Step.REVIEW, officer=officer, revision=revision, now=now, reason=words) as work:
        work.change.facts["verdict"] = verdict
        work.say(**{WORDS: words})
        return work.store(reviewed(work.grant.course, verdict, actor=officer.principal.name, now=work.now))
