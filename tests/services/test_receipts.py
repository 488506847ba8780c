"""Receipts of a store: they hold, a second library agrees, any changed byte is seen, and issuing one is on the log."""

import base64
import json

import pytest
from nacl.signing import VerifyKey

from audit.note import SignerKey
from cdp.bootstrap import Platform
from cdp.errors import BadInput, NotFound
from cdp.services.opt_out import allow, refuse
from cdp.services.receipts.issue import issue_receipt, receipts_key
from cdp.services.receipts.verify import Verified, verify_receipt
from consent.receipts.receipt import Proof, format_receipt, parse_receipt
from tests.samples import TESTER, add_people
from tests.services.test_opt_out import entries


def her(platform: Platform) -> str:
    customer = add_people(platform, 1)[0].customer_id
    refuse(platform, customer, "direct_marketing", principal=TESTER, word="wants no letters")
    allow(platform, customer, "direct_marketing", principal=TESTER, word="wants them again")
    refuse(platform, customer, "third_party_disclosure", principal=TESTER)
    return customer


def verify(platform: Platform, data: bytes) -> Verified:
    return verify_receipt(data, key=receipts_key(platform), log=platform.keeper.verifier)


def test_a_receipt_of_the_whole_state_and_of_each_act_holds(platform: Platform):
    customer = her(platform)
    whole = verify(platform, issue_receipt(platform, customer, principal=TESTER))
    assert len(whole.record["event"]) == 3
    assert len(whole.steps) == 4
    for act in whole.record["event"]:
        one = verify(platform, issue_receipt(platform, customer, principal=TESTER, act=act["identifier"]))
        assert one.record["event"] == [act]


def test_pynacl_agrees_about_the_signature(platform: Platform):
    receipt = issue_receipt(platform, her(platform), principal=TESTER)
    said = json.loads(receipt)
    signature = base64.b64decode(said["proof"].pop("signature"))
    public = base64.b64decode(said["proof"]["key"].split("+", 2)[2])[1:]
    signed = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    VerifyKey(public).verify(b"cdp consent receipt 1\n" + signed, signature)


def test_any_changed_byte_is_seen(platform: Platform):
    receipt = issue_receipt(platform, her(platform), principal=TESTER)
    verify(platform, receipt)
    for at in range(len(receipt)):
        for bit in (0x01, 0x20):
            changed = bytearray(receipt)
            changed[at] ^= bit
            with pytest.raises(BadInput) as caught:
                verify(platform, bytes(changed))
            assert caught.value.code == "receipt_invalid"


def test_any_cut_or_added_byte_is_seen(platform: Platform):
    receipt = issue_receipt(platform, her(platform), principal=TESTER)
    for changed in (receipt[:-1], receipt + b"\n", b" " + receipt, receipt[:-2] + b" }\n", receipt[1:]):
        with pytest.raises(BadInput):
            verify(platform, changed)


def test_another_spelling_of_the_signature_is_no_receipt(platform: Platform):
    receipt = issue_receipt(platform, her(platform), principal=TESTER)
    signature = json.loads(receipt)["proof"]["signature"]
    last = signature[85]  # the four low bits of this character stand for nothing
    other = signature[:85] + chr(ord(last) + 1) + "=="
    assert base64.b64decode(other) == base64.b64decode(signature)
    with pytest.raises(BadInput, match="malformed"):
        verify(platform, receipt.replace(signature.encode(), other.encode()))


def test_a_record_that_is_signed_again_with_the_proof_of_another_is_refused(platform: Platform):
    customer = her(platform)
    one, other = (parse_receipt(issue_receipt(platform, customer, principal=TESTER)) for _ in range(2))
    signer = SignerKey(receipts_key(platform).name, platform.vault.platform_key("receipts"))
    forged = format_receipt(one.record, other.proof, lambda data: signer.sign(data).signature)
    with pytest.raises(BadInput, match="another record"):
        verify(platform, forged)
    moved = Proof(one.proof.number - 1, one.proof.entry, one.proof.inclusion, one.proof.key)
    with pytest.raises(BadInput, match="another entry"):
        verify(platform, format_receipt(one.record, moved, lambda data: signer.sign(data).signature))
    unproven = Proof(other.proof.number, one.proof.entry, other.proof.inclusion, one.proof.key)
    with pytest.raises(BadInput, match="not proven"):
        verify(platform, format_receipt(one.record, unproven, lambda data: signer.sign(data).signature))


def test_a_receipt_of_somebody_elses_key_is_refused(platform: Platform):
    receipt = issue_receipt(platform, her(platform), principal=TESTER)
    stranger = SignerKey(receipts_key(platform).name, bytes(32))
    with pytest.raises(BadInput, match="another key"):
        verify_receipt(receipt, key=stranger.verifier, log=platform.keeper.verifier)
    with pytest.raises(BadInput, match="not proven"):
        verify_receipt(receipt, key=receipts_key(platform), log=stranger.verifier)


def test_issuing_is_a_disclosure_about_her_with_its_entry(platform: Platform):
    customer = her(platform)
    receipt = parse_receipt(issue_receipt(platform, customer, principal=TESTER))
    last = entries(platform)[-1]
    assert (last["what"], last["act"], last["customers"]) == ("disclosure", "consent_receipt", 1)
    assert last["commitment"] == receipt.commitment
    assert customer not in json.dumps(last)


def test_nobody_and_no_such_act_get_no_receipt(platform: Platform):
    customer = her(platform)
    for name, act, code in (("nobody", None, "unknown_customer"), (customer, "none", "unknown_act")):
        with pytest.raises(NotFound) as caught:
            issue_receipt(platform, name, principal=TESTER, act=act)
        assert caught.value.code == code
