-- newsletter: opt_out for direct_marketing, as newsletter_app, on postgresql
-- needed: customer_id, email, full_name; segments: identity

-- the next rows in the order of keys
SELECT output._key,
    output._row,
    output._segment_identity
FROM (SELECT customer.ordinal AS _key,
    customer.ordinal AS _subject,
    customer.customer_id AS _row,
    customer.customer_id AS _owner,
    customer.customer_id AS customer_id,
    _identity.sealed AS _segment_identity
FROM customer
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = %(param_1)s::VARCHAR COLLATE "C"
WHERE customer.refused__direct_marketing IS false AND customer.cdp__provenance = ANY (ARRAY(SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = %(param_2)s::VARCHAR COLLATE "C" AND cdp_provenance_use.name IN (%(param_3)s::VARCHAR COLLATE "C")))) AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = %(entity_1)s::VARCHAR COLLATE "C" AND cdp_identifier.kind = %(kind_1)s::VARCHAR COLLATE "C" AND cdp_identifier.token = ANY (CAST(%(p0)s AS TEXT[]))) AND output._key > %(after)s::BIGINT
ORDER BY output._key
LIMIT %(take)s;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = %(entity_1)s::VARCHAR COLLATE "C" AND cdp_identifier.kind = %(kind_1)s::VARCHAR COLLATE "C" AND cdp_identifier.token = ANY (CAST(%(p0)s AS TEXT[])))
ORDER BY output._key
LIMIT %(take)s OFFSET %(skip)s;

-- the rows of some keys: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = %(entity_1)s::VARCHAR COLLATE "C" AND cdp_identifier.kind = %(kind_1)s::VARCHAR COLLATE "C" AND cdp_identifier.token = ANY (CAST(%(p0)s AS TEXT[]))) AND output._key = ANY (CAST(%(keys)s AS BIGINT[]));
