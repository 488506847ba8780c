"""`cdp statement lint|publish|show|diff`: the privacy statement, as a draft and in force."""

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from cdp.cli.drafts import draft_settings
from cdp.cli.policy import show_findings
from cdp.cli.render import counted, say
from cdp.cli.session import opened, operator
from cdp.cli.usage import Group
from cdp.errors import NotFound
from cdp.terms import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from cdp.bootstrap import Platform
    from cdp.catalogue.field import Language
    from cdp.services.statements.known import Published
    from views.check import Finding
    from views.statement.compare import Piece
    from views.statement.document import Statement

_MARKS: Final = {"same": " ", "gone": "-", "new": "+"}

_file_option = click.option(
    "--statement", type=click.Path(path_type=Path), metavar="FILE",
    help="The draft of the statement; by default CDP_STATEMENT.",
)  # fmt: skip
_language_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), default=ENGLISH, show_default=True, help="In which language."
)


@click.group(cls=Group)
def statement() -> None:
    """Check, publish and show the privacy statement.

    The statement says in six clauses what is collected, what for, what people can refuse, and who is given any of it.
    `statement.yaml` is a draft; what customers are told is the version in the database. A promise that the policy
    breaks keeps either of them from coming into force.
    """


@statement.command("lint")
@_file_option
def lint_(*, statement: Path | None) -> None:
    """Check the draft of the statement against the policy in force.

    A promise that the policy breaks is printed with its line, and the exit code is 2: a purpose or a recipient that is
    not named, a field that is collected and not told, a view that shows more than its clause says.
    """
    path = draft_settings(statement=statement).statement
    with opened(compare=False) as platform:
        draft, findings = _checked(path, platform)
    show_findings(findings)
    say(f"{path.name} is kept by the policy in force: version {draft.version}, {counted(len(findings), 'finding')}")


@statement.command()
@_file_option
@click.option("--no-letters", is_flag=True, help="Do not write to customers: nothing changes for them.")
def publish(*, statement: Path | None, no_letters: bool) -> None:
    """Bring the draft of the statement into force.

    The policy in force has to keep it. Customers are told of it when they sign in next, with what is different, until
    they say that they have read it. Where a version was in force before, `cdp serve` writes to everybody besides who
    has an e-mail address.
    """
    from cdp.services.statements.publish import publish_statement

    path = draft_settings(statement=statement).statement
    with opened(compare=False) as platform:
        draft, findings = _checked(path, platform)
        stated = publish_statement(platform, draft, principal=operator(), letters=not no_letters)
    show_findings(findings)
    say(f"statement {draft.version} is in force" + ("" if stated.changed else " already: nothing changed"))


@statement.command()
@click.argument("version", required=False)
@click.option("--all", "list_", is_flag=True, help="List every version instead.")
@_language_option
def show(*, version: str | None, list_: bool, lang: str) -> None:
    """Show a version of the statement, by default the one in force."""
    from cdp.services.statements.known import statements

    with opened(compare=False) as platform:
        if list_:
            for each in statements(platform):
                say(f"{each.statement.version}  since {each.since}")
            return
        found = _find(platform, version)
    text, language = found.statement, cast("Language", lang)
    say(f"{text.title[language]} ({text.version}, since {found.since})")
    say(f"\n{text.summary[language]}")
    for name, clause in text.clauses.items():
        say(f"\n{name}\n  {clause.short[language]}\n")
        for paragraph in clause.full[language].split("\n"):
            if paragraph:
                say(f"  {paragraph}")


@statement.command()
@click.argument("old", required=False)
@click.argument("new", required=False)
@_file_option
@_language_option
def diff(*, old: str | None, new: str | None, statement: Path | None, lang: str) -> None:
    """Show what is different between two versions; by default between the one in force and the draft."""
    from views.statement.compare import differences
    from views.statement.document import load_statement

    with opened(compare=False) as platform:
        before = _find(platform, old).statement
        after = _find(platform, new).statement if new else load_statement(draft_settings(statement=statement).statement)
    found = differences(before, after, cast("Language", lang))
    for each in found:
        say(f"{each.part}:")
        for piece in each.pieces:
            _show_piece(piece)
        for sign, names in (("-", each.gone), ("+", each.new)):
            for name in names:
                say(f"  {sign} [{name}]")
    if not found:
        say("nothing is different")


def _show_piece(piece: "Piece") -> None:
    if piece.mark != "same":
        say(f"  {_MARKS[piece.mark]} {piece.text}")


def _checked(path: Path, platform: "Platform") -> "tuple[Statement, list[Finding]]":
    from cdp.catalogue.document import parse_document, read_text, validate
    from views.statement.document import Statement
    from views.statement.lint import lint

    document = parse_document(read_text(path), path.name)
    draft, in_force = validate(Statement, document), platform.in_force()
    return draft, lint(in_force.catalogue, in_force.policy, draft, document)


def _find(platform: "Platform", version: str | None) -> "Published":
    from cdp.services.statements.known import find_statement, statement_in_force

    if version:
        return find_statement(platform, version)
    found = statement_in_force(platform)
    if found is None:
        hint = "`cdp statement publish` brings the draft into force"
        raise NotFound("unknown_statement", "no statement was published yet", path="version", hint=hint)
    return found
