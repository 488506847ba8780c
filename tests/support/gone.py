"""Looking for a customer in every table, whatever it is called: nothing of her may be anywhere."""

from cdp.bootstrap import Platform
from cdp.store.structure import structure, structure_query

REGISTER = "cdp_erasure"


def traces(platform: Platform, customer_id: str) -> dict[str, int]:
    """How many rows each table has in which her id stands in any column, the register of erasures left out."""
    found = {}
    with platform._database.reading() as conn:
        for name, columns in structure(conn.execute(structure_query(conn.dialect.name))).items():
            texts = [each for each, type_ in columns.items() if type_.startswith("TEXT")]
            if name in (REGISTER, "tombstone") or not texts:  # the keys may lie in the same database
                continue
            where = " OR ".join(f"\"{each}\" = '{customer_id}'" for each in texts)
            count = conn.exec_driver_sql(f'SELECT count(*) FROM "{name}" WHERE {where}').scalar_one()
            if count:
                found[name] = count
    return found


def register(platform: Platform, customer_id: str) -> dict[str, object] | None:
    """What the register says of her."""
    with platform._database.reading() as conn:
        row = conn.exec_driver_sql(f"SELECT * FROM {REGISTER} WHERE customer_id = '{customer_id}'").mappings()
        return next((dict(each) for each in row), None)
