"""What people ask for, and what becomes of it. Every step is an entry of the log.

states      the course of a request: pure, the only place that knows which step may follow which
records     requests as they lie in the database
identity    what named her when she asked, and whether that is still so
file        one is filed, once, however often the form is sent
steps       taken, paused, resumed, extended, refused, withdrawn, lifted
approve     … and granted, by the handler of its kind
second      … by two officers, where the policy wants that
assign      who goes on with it
draft       the letter of a step, before it is taken
handlers    what is done when a request of a kind is granted: the seam to exports and erasure
effects     what a request does as soon as it is filed: objections, restrictions
read        lists and details, for officers and for herself
queue       what waits, a page at a time
remind      officers are reminded before something is due, and when it is late
moving      requests follow a customer through merges
"""
