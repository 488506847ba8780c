"""Every address of the portal, and what it takes to see it."""

from starlette.routing import BaseRoute, Route

from cdp.pages.uploads import MOST_READ
from cdp.portal import (
    accesses,
    choices,
    correct,
    data,
    erasing,
    exports,
    oidc,
    opened,
    pages,
    passkeys,
    privacy,
    prove,
    renewing,
    requests,
    sessions,
    sign_in,
)
from cdp.portal.guard import fresh, signed_in
from cdp.portal.parts import in_words


def routes() -> list[BaseRoute]:
    """Return the routes."""
    return [
        Route("/portal", signed_in(pages.home), methods=["GET"]),
        Route("/portal/sign-in", in_words(sign_in.show), methods=["GET"]),
        Route("/portal/sign-in", in_words(sign_in.ask), methods=["POST"]),
        Route("/portal/link", in_words(sign_in.confirm), methods=["GET"]),
        Route("/portal/link", in_words(sign_in.use), methods=["POST"]),
        Route("/portal/oidc", in_words(oidc.JOURNEYS.leave), methods=["GET"]),
        Route("/portal/oidc/callback", in_words(oidc.JOURNEYS.arrive), methods=["GET"]),
        Route("/portal/passkey/options", in_words(passkeys.ENTRY.ask_to_enter), methods=["POST"]),
        Route("/portal/passkey", in_words(passkeys.ENTRY.enter), methods=["POST"]),
        Route("/portal/passkeys", signed_in(passkeys.show), methods=["GET"]),
        Route("/portal/passkeys/add", fresh(passkeys.offer), methods=["GET"]),
        Route("/portal/passkeys/add", fresh(passkeys.add), methods=["POST"]),
        Route("/portal/passkeys/options", fresh(passkeys.ask_to_add), methods=["POST"]),
        Route("/portal/passkeys/name", signed_in(passkeys.rename), methods=["POST"]),
        Route("/portal/passkeys/remove", signed_in(passkeys.remove), methods=["POST"]),
        Route("/portal/sign-out", signed_in(sessions.leave), methods=["POST"]),
        Route("/portal/prove", signed_in(prove.show), methods=["GET"]),
        Route("/portal/prove", signed_in(prove.ask), methods=["POST"]),
        Route("/portal/resume", signed_in(prove.resume), methods=["GET"]),
        Route("/portal/sessions", signed_in(sessions.show), methods=["GET"]),
        Route("/portal/sessions/end", signed_in(sessions.end), methods=["POST"]),
        Route("/portal/data", signed_in(data.data), methods=["GET"]),
        Route("/portal/data/seen", signed_in(data.seen), methods=["GET"]),
        Route("/portal/data/seen/{view}", signed_in(data.seen_as), methods=["GET"]),
        Route("/portal/choices", signed_in(choices.choices), methods=["GET"]),
        Route("/portal/choices", signed_in(choices.choose), methods=["POST"]),
        Route("/portal/choices/receipt", signed_in(choices.receipt), methods=["GET"]),
        Route("/portal/choices/receipt", signed_in(choices.receipt_file), methods=["POST"]),
        Route("/portal/privacy", signed_in(privacy.read), methods=["POST"]),
        Route("/privacy", in_words(privacy.show), methods=["GET"]),
        Route("/privacy/{version}", in_words(privacy.show), methods=["GET"]),
        Route("/privacy/{version}/changes", in_words(privacy.changes), methods=["GET"]),
        Route("/portal/accesses", signed_in(accesses.accesses), methods=["GET"]),
        Route("/portal/accesses/recipients", signed_in(accesses.passed_on), methods=["GET"]),
        Route("/portal/accesses/check", signed_in(accesses.check), methods=["GET"]),
        Route("/portal/accesses/bundle", signed_in(accesses.bundle), methods=["POST"]),
        Route("/portal/renew", signed_in(renewing.show), methods=["GET"]),
        Route("/portal/renew", signed_in(renewing.answer), methods=["POST"]),
        Route("/portal/opened", signed_in(opened.show), methods=["GET"]),
        Route("/portal/opened", signed_in(opened.note), methods=["POST"]),
        Route("/portal/erase", signed_in(erasing.show), methods=["GET"]),
        Route("/portal/erase", fresh(erasing.erase), methods=["POST"]),
        Route("/portal/erased/{ticket}", in_words(erasing.erased), methods=["GET"]),
        Route("/portal/erased/{ticket}/certificate", in_words(erasing.certificate), methods=["GET"]),
        Route("/portal/export", signed_in(exports.show), methods=["GET"]),
        Route("/portal/export", fresh(exports.ask), methods=["POST"]),
        Route("/portal/export/state", signed_in(exports.state), methods=["GET"]),
        Route("/portal/export/file", fresh(exports.fetch), methods=["POST"]),
        *_requests(),
    ]


def _requests() -> list[BaseRoute]:
    """Return those of requests and corrections; a file may be larger than any other body."""
    request = "/portal/requests/{request}"
    corrections = [
        Route(path, correct.by_field(endpoint), methods=[method], max_body_size=MOST_READ)
        for path in ("/portal/correct/{field}", "/portal/correct/{entity}/{row}/{field}")
        for method, endpoint in (("GET", correct.show), ("POST", correct.few_at_once(correct.send)))
    ]
    return [
        Route("/portal/requests", signed_in(requests.index), methods=["GET"]),
        Route("/portal/requests/new/{kind}", requests.by_kind(requests.ask), methods=["GET"]),
        Route("/portal/requests/new/{kind}", requests.by_kind(requests.send), methods=["POST"]),
        Route(request, signed_in(requests.show), methods=["GET"]),
        Route(f"{request}/withdraw", signed_in(requests.take_back), methods=["POST"]),
        Route(f"{request}/lift", signed_in(requests.end_restriction), methods=["POST"]),
        Route(f"{request}/files/{{file}}", signed_in(requests.download), methods=["GET"]),
        *corrections,
    ]
