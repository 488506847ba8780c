-- care_orders: standard for service, as agent, on sqlite
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
WHERE "order".cdp__provenance IN (SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = ? AND cdp_provenance_use.name IN (?))) AS output
WHERE (CAST(output.total AS REAL) > CAST(? AS REAL) OR output.paid IS 1) AND output.placed_at != ? AND output._key > ?
ORDER BY output._key
LIMIT ? OFFSET ?;

-- a window in the caller's order: the same but for its end
… AS output
WHERE (CAST(output.total AS REAL) > CAST(? AS REAL) OR output.paid IS 1) AND output.placed_at != ?
ORDER BY CAST(output.total AS REAL) DESC NULLS FIRST,
    output._key
LIMIT ? OFFSET ?;

-- the rows of some keys: the same but for its end
… AS output
WHERE (CAST(output.total AS REAL) > CAST(? AS REAL) OR output.paid IS 1) AND output.placed_at != ? AND output._key IN (SELECT value
FROM json_each(?));
