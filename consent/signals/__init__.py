"""What browsers and consent banners signal: Global Privacy Control, GPP, TCF, US Privacy, categories of a banner.

signal        one signal, decoded: what it refuses, or why it says nothing
bits          reading numbers out of base64url, bit by bit
gpp           strings of the Global Privacy Platform
gpp_sections  where in its sections the refusals stand
tcf           strings of the Transparency and Consent Framework, version 2
usp           strings of US Privacy, `1YYN`
banner        categories of a consent banner, as Segment and RudderStack send them
read          all of them out of one request
well_known    `/.well-known/gpc.json`

Pure. INVARIANT: a signal refuses or says nothing; nothing in here can take a refusal back.
"""
