-- privacy_office: full for privacy_administration, as privacy_officer, on postgresql
-- needed: customer_id, full_name, email, birth_date, postcode, income, religion, loyalty; segments: identity, sensitive

-- the next rows in the order of keys
SELECT output._key,
    output._row,
    output.birth_date,
    output.postcode,
    output.income,
    output.loyalty,
    output._segment_identity,
    output._segment_sensitive
FROM (SELECT customer.ordinal AS _key,
    customer.ordinal AS _subject,
    customer.customer_id AS _row,
    customer.customer_id AS _owner,
    customer.customer_id AS customer_id,
    customer.birth_date AS birth_date,
    customer.postcode AS postcode,
    customer.income AS income,
    customer.loyalty AS loyalty,
    _identity.sealed AS _segment_identity,
    _sensitive.sealed AS _segment_sensitive
FROM customer
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = %(param_1)s::VARCHAR COLLATE "C"
LEFT OUTER JOIN customer_sealed AS _sensitive ON _sensitive.customer_id = customer.customer_id AND _sensitive.segment = %(param_2)s::VARCHAR COLLATE "C") AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = %(entity_1)s::VARCHAR COLLATE "C" AND cdp_identifier.kind = %(kind_1)s::VARCHAR COLLATE "C" AND cdp_identifier.token = ANY (CAST(%(p0)s AS TEXT[]))) AND output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = %(entity_2)s::VARCHAR COLLATE "C" AND cdp_word.field = %(field_1)s::VARCHAR COLLATE "C" AND cdp_word.token = ANY (CAST(%(p2)s AS TEXT[])) GROUP BY cdp_word.row_id 
HAVING count(*) = %(words2)s::BIGINT) AND output._key > %(after)s::BIGINT
ORDER BY output._key
LIMIT %(take)s;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = %(entity_1)s::VARCHAR COLLATE "C" AND cdp_identifier.kind = %(kind_1)s::VARCHAR COLLATE "C" AND cdp_identifier.token = ANY (CAST(%(p0)s AS TEXT[]))) AND output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = %(entity_2)s::VARCHAR COLLATE "C" AND cdp_word.field = %(field_1)s::VARCHAR COLLATE "C" AND cdp_word.token = ANY (CAST(%(p2)s AS TEXT[])) GROUP BY cdp_word.row_id 
HAVING count(*) = %(words2)s::BIGINT)
ORDER BY output._key
LIMIT %(take)s OFFSET %(skip)s;

-- the rows of some keys: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = %(entity_1)s::VARCHAR COLLATE "C" AND cdp_identifier.kind = %(kind_1)s::VARCHAR COLLATE "C" AND cdp_identifier.token = ANY (CAST(%(p0)s AS TEXT[]))) AND output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = %(entity_2)s::VARCHAR COLLATE "C" AND cdp_word.field = %(field_1)s::VARCHAR COLLATE "C" AND cdp_word.token = ANY (CAST(%(p2)s AS TEXT[])) GROUP BY cdp_word.row_id 
HAVING count(*) = %(words2)s::BIGINT) AND output._key = ANY (CAST(%(keys)s AS BIGINT[]));
