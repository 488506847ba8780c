-- care_orders: standard for service, as agent, on postgresql
-- needed: customer_id, order_id, placed_at, total, paid, address; segments: none

-- the next rows in the order of keys
SELECT output._key,
    output._subject,
    output._row,
    output._owner,
    output.placed_at,
    output.total,
    output.paid,
    output.address
FROM (SELECT "order".ordinal AS _key,
    customer.ordinal AS _subject,
    "order".order_id AS _row,
    "order".customer_id AS _owner,
    "order".customer_id AS customer_id,
    "order".order_id AS order_id,
    "order".placed_at__general AS placed_at,
    "order".total AS total,
    "order".paid AS paid,
    "order".address__masked AS address
FROM "order"
JOIN customer ON customer.customer_id = "order".customer_id
WHERE "order".cdp__provenance = ANY (ARRAY(SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = %(param_1)s::VARCHAR COLLATE "C" AND cdp_provenance_use.name IN (%(param_2)s::VARCHAR COLLATE "C")))) AS output
WHERE (CAST(output.total AS NUMERIC) > CAST(%(p0)s::VARCHAR COLLATE "C" AS NUMERIC) OR output.paid IS true) AND output.placed_at != %(p2)s::VARCHAR COLLATE "C" AND output._key > %(after)s::BIGINT
ORDER BY output._key
LIMIT %(take)s;

-- a window in the caller's order: the same but for its end
… AS output
WHERE (CAST(output.total AS NUMERIC) > CAST(%(p0)s::VARCHAR COLLATE "C" AS NUMERIC) OR output.paid IS true) AND output.placed_at != %(p2)s::VARCHAR COLLATE "C"
ORDER BY CAST(output.total AS NUMERIC) DESC NULLS FIRST,
    output._key
LIMIT %(take)s OFFSET %(skip)s;

-- the rows of some keys: the same but for its end
… AS output
WHERE (CAST(output.total AS NUMERIC) > CAST(%(p0)s::VARCHAR COLLATE "C" AS NUMERIC) OR output.paid IS true) AND output.placed_at != %(p2)s::VARCHAR COLLATE "C" AND output._key = ANY (CAST(%(keys)s AS BIGINT[]));
