-- acme_share: selective for disclosure, as acme_app, on postgresql
-- needed: token, full_name, postcode, income; segments: identity

-- the next rows in the order of keys
SELECT output._key,
    output._subject,
    output._row,
    output.postcode,
    output.income,
    output._segment_identity
FROM (SELECT _customer_token.token AS _key,
    customer.ordinal AS _subject,
    customer.customer_id AS _row,
    customer.customer_id AS _owner,
    _customer_token.token AS token,
CASE WHEN (customer.refused__third_party_disclosure IS false) THEN customer.postcode ELSE customer.postcode__general END AS postcode,
CASE WHEN (customer.refused__third_party_disclosure IS false) THEN customer.income ELSE CAST(NULL AS BIGINT) END AS income,
CASE WHEN (customer.refused__third_party_disclosure IS false) THEN _identity.sealed ELSE NULL END AS _segment_identity
FROM customer
JOIN cdp_token AS _customer_token ON _customer_token.customer_id = customer.customer_id AND _customer_token.entity = %(entity_1)s::VARCHAR COLLATE "C" AND _customer_token.row_id = customer.customer_id AND _customer_token.scope = %(scope_1)s::VARCHAR COLLATE "C"
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = %(param_1)s::VARCHAR COLLATE "C"
WHERE customer.cdp__provenance = ANY (ARRAY(SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = %(param_2)s::VARCHAR COLLATE "C" AND cdp_provenance_use.name IN (%(param_3)s::VARCHAR COLLATE "C"))) AND customer.cdp__provenance = ANY (ARRAY(SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = %(param_4)s::VARCHAR COLLATE "C" AND cdp_provenance_use.name IN (%(param_5)s::VARCHAR COLLATE "C", %(param_6)s::VARCHAR COLLATE "C")))) AS output
WHERE output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = %(entity_2)s::VARCHAR COLLATE "C" AND cdp_word.field = %(field_1)s::VARCHAR COLLATE "C" AND cdp_word.token = ANY (CAST(%(p0)s AS TEXT[])) GROUP BY cdp_word.row_id 
HAVING count(*) = %(words0)s::BIGINT) AND output._segment_identity IS NOT NULL AND output.income >= %(p1)s::BIGINT AND output._key > %(after)s::VARCHAR COLLATE "C"
ORDER BY output._key
LIMIT %(take)s;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = %(entity_2)s::VARCHAR COLLATE "C" AND cdp_word.field = %(field_1)s::VARCHAR COLLATE "C" AND cdp_word.token = ANY (CAST(%(p0)s AS TEXT[])) GROUP BY cdp_word.row_id 
HAVING count(*) = %(words0)s::BIGINT) AND output._segment_identity IS NOT NULL AND output.income >= %(p1)s::BIGINT
ORDER BY output.postcode ASC NULLS LAST,
    output._key
LIMIT %(take)s OFFSET %(skip)s;

-- the rows of some keys: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = %(entity_2)s::VARCHAR COLLATE "C" AND cdp_word.field = %(field_1)s::VARCHAR COLLATE "C" AND cdp_word.token = ANY (CAST(%(p0)s AS TEXT[])) GROUP BY cdp_word.row_id 
HAVING count(*) = %(words0)s::BIGINT) AND output._segment_identity IS NOT NULL AND output.income >= %(p1)s::BIGINT AND output._key = ANY (CAST(%(keys)s AS TEXT[]));
