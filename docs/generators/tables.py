"""The generated parts of `docs/architecture.md`: every table, whose data it holds, and what it is for."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Table

from cdp.catalogue.document import parse_document, validate
from cdp.catalogue.model import Catalogue
from cdp.store import platform
from cdp.store.tables import build_schema
from cdp.vault import tables as keys
from docs.generators.markdown import table

_STORE: Final = {
    "cdp_catalogue_version": "every version of the catalogue, with author and time",
    "cdp_policy_version": "every version of the policy, with author and time",
    "cdp_statement_version": "every version of the privacy statement, with author and time; the last one is in force",
    "cdp_statement_read": "which versions of it a customer said that she has read, when, in which language",
    "cdp_proposal": "drafts of the next policy or catalogue, by whom, over which version, and what became of each",
    "cdp_statement_draft": "at most one row: the next statement as officers write it, finished or not",
    "cdp_statement_telling": "how far letters about a version of it are",
    "cdp_in_force": "one row: which versions decide now, and by which vault the data is sealed",
    "cdp_counter": "where the next ordinals of an entity begin",
    "cdp_identifier": "who bears an identifier, as keyed tokens",
    "cdp_word": "which words a searched field holds, as keyed tokens",
    "cdp_token": "pseudonyms, random: one per row, recipient and purpose",
    "cdp_token_scope": "for which recipients and purposes rows get a pseudonym",
    "cdp_provenance": "sets of what was declared of rows when they were collected; every row points to one",
    "cdp_provenance_part": "of which declared sets a set consists",
    "cdp_provenance_use": "for which purposes and to which recipients rows of a set may leave",
    "cdp_consent_event": "what was refused or allowed, act by act; the database refuses to change a row, and lets one "
    "go only with an erasure",
    "cdp_link": "claims that a profile is a person whose identifier somebody named; the identifier is sealed",
    "cdp_merge": "who became part of a customer, and both as they were before, sealed",
    "cdp_said": "what each source of events last said of a customer, sealed",
    "cdp_erasure": "erasures: intents, and from what certificates are written",
    "cdp_held": "what a law keeps of people who were erased, sealed under keys of its own, under ids that are nobody's",
    "cdp_tombstone_mark": "one row: up to which tombstone of the key store nobody erased is here",
    "cdp_log_entry": "the entries of the log with their leaf hashes",
    "cdp_log_tile": "one hash for each full tile of 256 hashes",
    "cdp_log_head": "one row: the right edge of the tree; its lock orders appends",
    "cdp_log_checkpoint": "what the log signed of itself, with the cosignatures of witnesses",
    "cdp_log_dropped": "the leaf hashes of entries that were dropped after the log's retention",
    "cdp_log_subject": "whom an entry is about: salted bitmaps of ordinals, which the entry commits to",
    "cdp_log_note": "why a person read, sealed; the entry commits to it",
    "cdp_log_indexed": "one row: how many pieces of the log are taken in, to be searched and counted",
    "cdp_log_posting": "which entries of a piece say what, as bitmaps; made of the entries",
    "cdp_log_tally": "how many entries of a piece are alike, by the hour; made of the entries",
    "cdp_job": "long work that staff had begun in the console: how far it is, and what it said at its end",
    "cdp_release": "the register of releases; each has a table `cdp_release_<number>` of its own, about nobody",
    "cdp_import": "how far each import has come",
    "cdp_source": "from where events come: names, digests of write keys, what each is trusted with and declares",
    "cdp_source_day": "how much a source has used of its caps on a day",
    "cdp_spool": "requests with events that wait: from which source, when, how many",
    "cdp_spool_body": "what those requests hold, sealed as parcels of the platform",
    "cdp_event": "every event once, by a keyed digest of its message id, with what no field takes of it, sealed",
    "cdp_left_over": "what columns of files that the catalogue does not know said of a row, sealed until classified",
    "cdp_undeclared": "which events, properties and columns come that the catalogue does not know; names sealed",
    "cdp_quarantine": "events that are wrong, sealed, with the reason",
    "cdp_ingest_count": "how many events came, became rows, and did not, by source and reason",
    "cdp_regulator": "who may ask for suppressions and erasures by user id: names and digests of keys",
    "cdp_regulation": "which were asked for, and how far each is",
    "cdp_regulation_body": "whom those name that are not finished, sealed",
    "cdp_suppressed_name": "the user ids that regulators had suppressed, sealed, for them to list",
    "cdp_request": "what a person asked for: kind, state, clock; what she wrote is sealed",
    "cdp_request_step": "every step of a request: who, when, which entry of the log; why, sealed",
    "cdp_correction": "the new values that she proposes, with what stood there then, sealed",
    "cdp_attachment": "files that she added to a request, sealed",
    "cdp_letter": "letters to her: address and text sealed, queued until the mail takes them",
    "cdp_last_letter": "last letters to people who were erased, until they are sent, each under a key of its own",
    "cdp_recipient_notice": "who was given data that was corrected since, and is to be told",
    "cdp_sign_in_link": "links by which customers sign in: hashes, and whose each is, sealed",
    "cdp_session": "who is signed in: hashes, and whose each is, sealed",
    "cdp_spent_secret": "hashes of the secrets that sessions had before: who comes with one has copied it",
    "cdp_challenge": "hashes of challenges that passkeys sign, each once and in one browser",
    "cdp_passkey": "passkeys of customers: public key and name, sealed under the customer's key; how often used",
    "cdp_oidc_journey": "who is on the way to an organisation's provider and back: hashes; the rest is sealed",
    "cdp_oidc_customer": "which subject of a provider is which customer, by keyed tokens",
    "cdp_staff": "who works in the console: role, password (Argon2id), address and secret of codes sealed",
    "cdp_staff_link": "hashes of the links by which staff choose how they sign in",
    "cdp_recovery_code": "keyed hashes of codes for the day an authenticator is lost",
    "cdp_staff_passkey": "passkeys of staff, sealed",
    "cdp_held_form": "what was typed before she had to prove who she is; sealed under what her browser holds",
    "cdp_break_glass": "break-glass: who asked, who granted, until when, what the review said; about nobody",
    "cdp_break_glass_customer": "whom a grant is over, when she was read and told; reasons and words, sealed",
    "cdp_renewal": "of which values whose time was over people were asked whether they are still right",
    "cdp_export": "exports: how far each is; whose it is, sealed",
    "cdp_export_part": "the archives that wait to be fetched, in pieces, sealed under her key",
    "cdp_idempotency": "what became of apps' changes in the last day, by keyed digests",
    "cdp_agreement": "what was agreed with recipients: fields, purposes, period, contact",
    "cdp_report": "reports that were asked for or are kept: sections, days, how far each is",
    "cdp_report_file": "the archives of those that are ready: figures, and no value of a customer",
    "cdp_canary": "people of whom there is nobody (canaries): which rows they are, sealed",
    "cdp_canary_named": "entries under which something from outside named one of them, until that is an alarm",
    "cdp_canary_look": "one row: up to which entry of the log canaries were looked for",
    "cdp_canary_alarm": "entries in which a canary appears and must not: by whom, through which view",
    "cdp_app": "downstream apps: role, purpose, views, and the digest of the secret",
}
_KEYS: Final = {
    "wrapping_key": "wrapped by the key-encryption key; one row, but for the time of a rotation",
    "customer_key": "each customer's key, wrapped; without this row nothing of hers opens",
    "platform_key": "the platform's own keys, wrapped: blind index, notes, ordinals, fingerprint, log, tokens, …",
    "refusal": "acts by which customers refused: what a restored backup is told again",
    "tombstone": "who was erased, as a random id: what a restored backup is held to",
    "suppressed": "identifiers that are not taken in again, as keyed tokens",
}
_EXAMPLE: Final = """
entities:
  customer: {fields: {name: {type: text, category: user.name}}}
  order: {belongs_to: customer, fields: {address: {type: text, category: user.contact.address}}}
"""
_ENTITIES: Final = {
    "customer": "her row: id, ordinal, one flag per opt-out, one column per shape that may stand in the clear",
    "customer_sealed": "her sealed segments, one row each",
    "order": "of any other entity, `order` for example: ids, ordinal, shapes",
    "order_sealed": "its sealed segments, if it has any",
}


def _listed(found: Iterable[Table], meanings: Mapping[str, str]) -> list[list[str]]:
    """Return a row for each table; every table has a meaning, and every meaning a table."""
    rows = {each.name: each.info["owner"] for each in found}
    if set(rows) != set(meanings):
        raise ValueError(f"tables and meanings differ: {sorted(set(rows) ^ set(meanings))}")
    return [[f"`{name}`", f"`{rows[name]}`" if rows[name] else "nobody", words] for name, words in meanings.items()]


def _tables() -> str:
    catalogue = validate(Catalogue, parse_document(_EXAMPLE, "catalogue.yaml"))
    schema = build_schema(catalogue, "postgresql")
    rows = _listed(schema.metadata.tables.values(), _ENTITIES)
    rows += _listed(platform.METADATA.tables.values(), _STORE)
    return table(["table", "owner", "holds"], rows)


def _key_tables() -> str:
    return table(["table", "owner", "holds"], _listed(keys.METADATA.tables.values(), _KEYS))


PARTS: Final = {"tables": _tables, "key-tables": _key_tables}
