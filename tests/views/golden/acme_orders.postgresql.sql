-- acme_orders: selective for disclosure, as acme_app, on postgresql
-- needed: token, order_id, total, paid; segments: none

-- the next rows in the order of keys
SELECT output._key,
    output._subject,
    output._row,
    output._owner,
    output.token,
    output.total,
    output.paid
FROM (SELECT _order_token.token AS _key,
    customer.ordinal AS _subject,
    "order".order_id AS _row,
    "order".customer_id AS _owner,
    _customer_token.token AS token,
    _order_token.token AS order_id,
    "order".total AS total,
    "order".paid AS paid
FROM "order"
JOIN customer ON customer.customer_id = "order".customer_id
JOIN cdp_token AS _customer_token ON _customer_token.customer_id = "order".customer_id AND _customer_token.entity = %(entity_1)s::VARCHAR COLLATE "C" AND _customer_token.row_id = "order".customer_id AND _customer_token.scope = %(scope_1)s::VARCHAR COLLATE "C"
JOIN cdp_token AS _order_token ON _order_token.customer_id = "order".customer_id AND _order_token.entity = %(entity_2)s::VARCHAR COLLATE "C" AND _order_token.row_id = "order".order_id AND _order_token.scope = %(scope_2)s::VARCHAR COLLATE "C"
WHERE "order".cdp__provenance = ANY (ARRAY(SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = %(param_1)s::VARCHAR COLLATE "C" AND cdp_provenance_use.name IN (%(param_2)s::VARCHAR COLLATE "C"))) AND "order".cdp__provenance = ANY (ARRAY(SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = %(param_3)s::VARCHAR COLLATE "C" AND cdp_provenance_use.name IN (%(param_4)s::VARCHAR COLLATE "C", %(param_5)s::VARCHAR COLLATE "C")))) AS output
WHERE CAST(output.total AS NUMERIC) < CAST(%(p0)s::VARCHAR COLLATE "C" AS NUMERIC) AND output.token IS NOT NULL AND output._key > %(after)s::VARCHAR COLLATE "C"
ORDER BY output._key
LIMIT %(take)s;

-- a window in the caller's order: the same but for its end
… AS output
WHERE CAST(output.total AS NUMERIC) < CAST(%(p0)s::VARCHAR COLLATE "C" AS NUMERIC) AND output.token IS NOT NULL
ORDER BY CAST(output.total AS NUMERIC) ASC NULLS FIRST,
    output._key
LIMIT %(take)s OFFSET %(skip)s;

-- the rows of some keys: the same but for its end
… AS output
WHERE CAST(output.total AS NUMERIC) < CAST(%(p0)s::VARCHAR COLLATE "C" AS NUMERIC) AND output.token IS NOT NULL AND output._key = ANY (CAST(%(keys)s AS TEXT[]));
