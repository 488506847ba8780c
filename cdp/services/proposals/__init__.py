"""Proposals: a draft of the next policy or catalogue, from the first line typed to the version that it becomes.

    draft ──ask──▶ waiting ──publish──▶ published      by somebody else, where it widens
      │               ├──refuse──▶ refused             by somebody else
      └───────────────┴──withdraw──▶ withdrawn         by its author
    draft ──publish──▶ published                       by its author, where it widens nothing

records     what is kept of a proposal, and the lists of them
kinds       what a kind of document has to be able to do
drafting    beginning a draft, and saving it
deciding    asking for a second person, withdrawing, refusing, publishing
policies    the policy as a kind
catalogues  the catalogue as a kind, and what one would change
edits       one field or one entity put into the text of a catalogue
dump        a document that came into force without its text, as YAML
"""
