"""A privacy statement for the sample organisation, and variations of it."""

from cdp.catalogue.document import parse_document, validate
from views.statement.document import CLAUSES, Statement

NAMED = {
    "collecting": "data: [customer.*, order.*]",
    "using": """\
purposes:
    direct_marketing: {in_full: [customer.email, customer.full_name]}
    disclosure: {in_full: [customer.full_name, customer.postcode, customer.income]}
    service:
      in_full: [customer.full_name]
      reduced: [customer.email, customer.birth_date, customer.postcode, customer.income, order.placed_at, order.address]
    analytics: {reduced: [customer.birth_date, customer.postcode, customer.income]}
    privacy_administration: {in_full: [customer.*]}""",
    "control": "opt_outs: [direct_marketing, third_party_disclosure, automated_decisions, sensitive_data]",
    "access": "recipients: [acme]",
}


def text(version: str = "1", said: str = "We keep little.", **named: str) -> str:
    """The file, with other names in some clauses."""
    lines = [
        f'version: "{version}"',
        "title: {en: Privacy, zh-Hans: 隐私}",
        f'summary: {{en: "{said}", zh-Hans: 我们保存得很少。}}',
    ]
    for clause in CLAUSES:
        lines += [f"{clause}:", f'  short: {{en: "In short: {clause}.", zh-Hans: "简言之：{clause}。"}}']
        lines += ['  full: {en: "At length.\\nAnd more.", zh-Hans: 详细说明。}']
        names = {**NAMED, **named}.get(clause)
        lines += [f"  {names}"] if names else []
    return "\n".join(lines) + "\n"


def statement(version: str = "1", said: str = "We keep little.", **named: str) -> Statement:
    """The statement that the file says."""
    return validate(Statement, parse_document(text(version, said, **named), "statement.yaml"))
