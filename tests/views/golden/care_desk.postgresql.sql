-- care_desk: standard for service, as agent, on postgresql
-- needed: customer_id, full_name, email, birth_date, postcode, income, religion, loyalty; segments: identity

-- the next rows in the order of keys
SELECT output._key,
    output._row,
    output.email,
    output.birth_date,
    output.postcode,
    output.income,
    output.religion,
    output.loyalty,
    output._segment_identity
FROM (SELECT customer.ordinal AS _key,
    customer.ordinal AS _subject,
    customer.customer_id AS _row,
    customer.customer_id AS _owner,
    customer.customer_id AS customer_id,
    customer.email__masked AS email,
    customer.birth_date__general AS birth_date,
    customer.postcode__general AS postcode,
    customer.income__general AS income,
    CAST(NULL AS TEXT) COLLATE "C" AS religion,
    customer.loyalty AS loyalty,
    _identity.sealed AS _segment_identity
FROM customer
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = %(param_1)s::VARCHAR COLLATE "C"
WHERE customer.cdp__provenance = ANY (ARRAY(SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = %(param_2)s::VARCHAR COLLATE "C" AND cdp_provenance_use.name IN (%(param_3)s::VARCHAR COLLATE "C")))) AS output
WHERE (output.email LIKE %(p1)s::VARCHAR COLLATE "C") AND output.income = ANY (CAST(%(p2)s AS TEXT[])) AND output._key > %(after)s::BIGINT
ORDER BY output._key
LIMIT %(take)s;

-- a window in the caller's order: the same but for its end
… AS output
WHERE (output.email LIKE %(p1)s::VARCHAR COLLATE "C") AND output.income = ANY (CAST(%(p2)s AS TEXT[]))
ORDER BY output._key
LIMIT %(take)s OFFSET %(skip)s;

-- the rows of some keys: the same but for its end
… AS output
WHERE (output.email LIKE %(p1)s::VARCHAR COLLATE "C") AND output.income = ANY (CAST(%(p2)s AS TEXT[])) AND output._key = ANY (CAST(%(keys)s AS BIGINT[]));
