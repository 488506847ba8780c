"""The console of staff: parse, call one service, render. As the portal, no page needs JavaScript.

How a page is added: an endpoint `(request, staff)` in a module of its own, a line in `routes` with the permission it
needs, a line in `navigation` if it belongs into the rail, a template in `templates/console`. A form is checked before
its endpoint runs; the endpoint takes it from `guard.form_in`. What needs a second person asks
`cdp.services.staff.accounts.require_other`; who decides about customers is `cdp.services.staff.officers.as_officer`.

routes      every address, and the permission that it needs
navigation  what stands in the rail, and who sees it there
guard       who may see a page: staff with the permission
parts       cookies, pages, errors in words
sign_in     in by password and code; out
welcome     choosing how one signs in, by a one-time link
oidc        in through the organisation's own provider
passkeys    passkeys of staff, and one's own account
resume      going on with what was typed before one had to sign in
today       what waits, and whether all is well
queues      the addresses of what waits for a decision
requests    what people ask for, by its clocks
request     one of them, and giving it to somebody
deciding    … and deciding it, with its letter
corrections   values that people propose, old and new
safe        … the harmless ones approved together
links       identity links, and what was joined
asked       what is said of requests
who_sees    what each role and app is shown of each field, and by which rule
catalogue   fields, their shapes on invented values, who is shown them; proposing a change
catalogue_proposal  the effect of a proposal, and what is decided about it
catalogue_words  what is said of changes of the catalogue and of proposals
unclassified  names that the catalogue does not know, and what they may become
statement   the privacy statement: versions, who has read them, the draft and what keeps it
statement_edit   writing the draft and publishing it
statement_words  what is wrong or odd about a statement, in words
policy      the policy in force, its versions and their differences
policy_edit  drafting the next one as YAML
policy_proposal  one proposal: what it means, its replay, what becomes of it
policy_said  what a draft means; fault_words what is wrong with it
see_as      one customer as a role, an app or a view is shown her
policy_words  what is said of kinds, tags and the reasons of rules
staff       who there is; adding, new links, disabling
apps        programs that read views; registering, renewing, revoking
sources     from where events come; the same
recipients  to whom data is passed on, and what was agreed
confirm     confirming again and again who may see what
forms       what forms have in them, and what is wrong with it in words
break_glass  seeing one customer in full for a while: asking, granting, reading, reviewing
break_glass_words  what is said of where a grant stands, and of what is wrong with a form
log         the log: searched, about a person, unusual, verified
consent     what is refused, over time, under which law, and how soon it is honoured
staff       who there is
"""
