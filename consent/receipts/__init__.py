"""Receipts of consent: what a person refused and allowed, as a file that she can keep and anybody can check.

ISO/IEC TS 27560:2023 in the terms of the W3C Data Privacy Vocabulary, as JSON-LD with its context inside.

vocabulary  our opt-outs, legal bases and Fideslang categories in the words of DPV
record      the record: what it says, as JSON
encoding    its one encoding, to the byte
receipt     a record with the proof that it is of this platform and on its log

Pure. Who signs, and how the log proves an entry, is for `cdp.services.receipts`.
"""
