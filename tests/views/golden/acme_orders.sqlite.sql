-- acme_orders: selective for disclosure, as acme_app, on sqlite
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
JOIN cdp_token AS _customer_token ON _customer_token.customer_id = "order".customer_id AND _customer_token.entity = ? AND _customer_token.row_id = "order".customer_id AND _customer_token.scope = ?
JOIN cdp_token AS _order_token ON _order_token.customer_id = "order".customer_id AND _order_token.entity = ? AND _order_token.row_id = "order".order_id AND _order_token.scope = ?
WHERE "order".cdp__provenance IN (SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = ? AND cdp_provenance_use.name IN (?)) AND "order".cdp__provenance IN (SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = ? AND cdp_provenance_use.name IN (?, ?))) AS output
WHERE CAST(output.total AS REAL) < CAST(? AS REAL) AND output.token IS NOT NULL AND output._key > ?
ORDER BY output._key
LIMIT ? OFFSET ?;

-- a window in the caller's order: the same but for its end
… AS output
WHERE CAST(output.total AS REAL) < CAST(? AS REAL) AND output.token IS NOT NULL
ORDER BY CAST(output.total AS REAL) ASC NULLS FIRST,
    output._key
LIMIT ? OFFSET ?;

-- the rows of some keys: the same but for its end
… AS output
WHERE CAST(output.total AS REAL) < CAST(? AS REAL) AND output.token IS NOT NULL AND output._key IN (SELECT value
FROM json_each(?));
