"""The Fideslang data categories and the sensitivity that each implies.

Fideslang taxonomy 3.1 (85 categories); the sensitivities are ours, strict where a category may show who a person is
(design section 3) or is special under GDPR Art. 9, CPRA 1798.140(ae) or PIPL Art. 28. A field may say otherwise.
"""

from cdp.terms import Sensitivity

_NONE = "system system.authentication system.operations"
_IDENTIFYING = """
    user user.account user.account.username user.contact user.contact.address user.contact.address.city
    user.contact.address.country user.contact.address.postal_code user.contact.address.state
    user.contact.address.street user.contact.email user.contact.fax_number user.contact.organization
    user.contact.phone_number user.contact.url user.content.self_image user.device user.device.cookie
    user.device.cookie_id user.device.device_id user.device.ip_address user.financial.bank_account
    user.financial.credit_card user.government_id user.government_id.birth_certificate
    user.government_id.drivers_license_number user.government_id.national_identification_number
    user.government_id.passport_number user.government_id.vehicle_registration
    user.health_and_medical.insurance_beneficiary_id user.health_and_medical.record_id user.name user.name.first
    user.name.last user.payment user.unique_id user.unique_id.pseudonymous
"""
_SENSITIVE = """
    user.authorization user.authorization.biometric user.authorization.credentials user.authorization.password
    user.biometric user.biometric.fingerprint user.biometric.health user.biometric.retinal user.biometric.voice
    user.childrens user.content.private user.criminal_history user.demographic.political_opinion
    user.demographic.race_ethnicity user.demographic.religious_belief user.demographic.sexual_orientation
    user.government_id.immigration user.health_and_medical user.health_and_medical.genetic user.location.precise
"""
_PERSONAL = """
    user.account.settings user.behavior user.behavior.browsing_history user.behavior.media_consumption
    user.behavior.purchase_history user.behavior.search_history user.content user.content.public user.demographic
    user.demographic.age_range user.demographic.date_of_birth user.demographic.gender user.demographic.language
    user.demographic.marital_status user.demographic.profile user.financial user.job_title user.location
    user.location.imprecise user.privacy_preferences user.sensor user.social user.telemetry user.user_sensor
    user.workplace
"""

SENSITIVITY_OF: dict[str, Sensitivity] = {
    category: sensitivity
    for sensitivity, categories in (
        (Sensitivity.NONE, _NONE),
        (Sensitivity.IDENTIFYING, _IDENTIFYING),
        (Sensitivity.SENSITIVE, _SENSITIVE),
        (Sensitivity.PERSONAL, _PERSONAL),
    )
    for category in categories.split()
}
"""The default sensitivity of each category."""
