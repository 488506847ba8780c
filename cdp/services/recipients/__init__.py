"""To whom data is passed on, and what was agreed with them.

Who a recipient is, the policy says: a selective view names one. What was agreed is kept here, under the same names.

known      agreements, and how each stands on a day
agree      making one, and ending one
compare    what the policy lets each recipient have, held against what was agreed
"""
