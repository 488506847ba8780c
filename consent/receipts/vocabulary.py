"""Our opt-outs, legal bases and Fideslang categories in the words of the W3C Data Privacy Vocabulary 2 and its PD.

A category without a word of its own takes that of the nearest wider one; at last it is `dpv:PersonalData`.
"""

from typing import Final

from cdp.terms import AUTOMATED_DECISIONS, DIRECT_MARKETING, SENSITIVE_DATA, THIRD_PARTY_DISCLOSURE

DPV: Final = "https://w3id.org/dpv#"
PD: Final = "https://w3id.org/dpv/pd#"

_OPT_OUTS: Final = {
    DIRECT_MARKETING: ("DirectMarketing",),
    THIRD_PARTY_DISCLOSURE: ("Disclose",),
    AUTOMATED_DECISIONS: ("AutomatedDecisionMaking",),
    SENSITIVE_DATA: ("SensitivePersonalData",),
}
_BASES: Final = {
    "consent": "Consent",
    "contract": "Contract",
    "legal_obligation": "LegalObligation",
    "vital_interest": "VitalInterest",
    "vital_interests": "VitalInterest",
    "public_task": "PublicInterest",
    "legitimate_interest": "LegitimateInterest",
    "legitimate_interests": "LegitimateInterest",
}
_DATA: Final = {
    "user": "Identifying",
    "user.account": "AccountIdentifier",
    "user.account.username": "Username",
    "user.authorization": "Authenticating",
    "user.authorization.password": "Password",
    "user.authorization.biometric": "Biometric",
    "user.behavior": "Behavioral",
    "user.behavior.browsing_history": "BrowsingBehavior",
    "user.behavior.purchase_history": "Purchase",
    "user.biometric": "Biometric",
    "user.biometric.fingerprint": "Fingerprint",
    "user.biometric.retinal": "Retina",
    "user.contact": "Contact",
    "user.contact.address": "PhysicalAddress",
    "user.contact.address.country": "Country",
    "user.contact.email": "EmailAddress",
    "user.contact.phone_number": "TelephoneNumber",
    "user.content": "Communication",
    "user.content.self_image": "Picture",
    "user.criminal_history": "Criminal",
    "user.demographic": "Demographic",
    "user.demographic.age_range": "AgeRange",
    "user.demographic.date_of_birth": "BirthDate",
    "user.demographic.gender": "Gender",
    "user.demographic.language": "Language",
    "user.demographic.marital_status": "MaritalStatus",
    "user.demographic.political_opinion": "PoliticalAffiliation",
    "user.demographic.profile": "Profile",
    "user.demographic.race_ethnicity": "Race",
    "user.demographic.religious_belief": "Religion",
    "user.demographic.sexual_orientation": "SexualPreference",
    "user.device": "DeviceBased",
    "user.device.ip_address": "IPAddress",
    "user.financial": "Financial",
    "user.financial.bank_account": "BankAccount",
    "user.financial.credit_card": "CreditCardNumber",
    "user.government_id": "OfficialID",
    "user.government_id.passport_number": "Passport",
    "user.health_and_medical": "MedicalHealth",
    "user.health_and_medical.genetic": "Genetic",
    "user.health_and_medical.record_id": "HealthRecord",
    "user.job_title": "Job",
    "user.location": "Location",
    "user.name": "Name",
    "user.payment": "Financial",
    "user.privacy_preferences": "PrivacyPreference",
    "user.social": "Social",
    "user.telemetry": "Tracking",
    "user.unique_id": "UID",
    "user.workplace": "Professional",
}


def dpv(term: str) -> str:
    """Return the IRI of a term."""
    return f"{DPV}{term}"


def purpose_terms(opt_out: str) -> tuple[str, ...]:
    """Return the IRIs of what an opt-out refuses; none for one that the catalogue adds."""
    return tuple(map(dpv, _OPT_OUTS.get(opt_out, ())))


def legal_basis_term(name: str) -> str:
    """Return the IRI of a legal basis."""
    return dpv(_BASES.get(name, "LegalBasis"))


def data_term(category: str) -> str:
    """Return the IRI of a Fideslang category."""
    wider = category
    while wider:
        if wider in _DATA and (wider != "user" or category == "user"):
            return f"{PD}{_DATA[wider]}"
        wider = wider.rpartition(".")[0]
    return dpv("PersonalData")
