"""Break-glass: for a short time, somebody sees one customer in full whom the policy does not let her see so.

The policy says through which full view (`break_glass: [role]` of a view); where it says nothing, there is none.

    asked ──▶ granted ──▶ ended ──▶ reviewed      by: the asker; a second person; time, or anybody who may; a third
      └─▶ withdrawn, declined, lapsed

states   the course of a grant: pure, who may take which step when
records  grants in the database, and what is sealed of them
work     one step of one grant: locked, checked, written, on the log
ask      asking for it
decide   granting, declining, withdrawing, ending
reading  reading by it; whether it stands is asked with every read
delay    telling the customer later, for a legal reason, until a day
tell     telling her: a notice on her page, and a letter
review   whether it was justified
withheld of which grants a customer is not told yet
look     lists, one grant, and what waits
"""
