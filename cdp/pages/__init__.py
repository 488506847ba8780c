"""What the portal and the console are made of: one look, two languages, the same safeguards.

language    which language a reader gets, its texts, and how it writes dates
template    templates into pages, under a policy by which a browser runs and loads nothing but ours
assets      style and script, under addresses that change with their content
clauses     what the parts of the privacy statement are called
own_path    which addresses a page may send her to next
devices     what somebody uses, in a few words
limits      how often one address may try to get in
takeaway    the page that lies in an export
serving     the platform, cookies, errors as pages
lasting     until when something is kept, in words
letters     mail besides links to sign in
forms       what a page sends back: bounded, of this origin, with the token of its session
uploads     … and a file with it
"""
