-- care_desk: standard for service, as agent, on sqlite
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
    CAST(NULL AS TEXT) AS religion,
    customer.loyalty AS loyalty,
    _identity.sealed AS _segment_identity
FROM customer
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = ?
WHERE customer.cdp__provenance IN (SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = ? AND cdp_provenance_use.name IN (?))) AS output
WHERE (output.email GLOB ?) AND output.income IN (SELECT value
FROM json_each(?)) AND output._key > ?
ORDER BY output._key
LIMIT ? OFFSET ?;

-- a window in the caller's order: the same but for its end
… AS output
WHERE (output.email GLOB ?) AND output.income IN (SELECT value
FROM json_each(?))
ORDER BY output._key
LIMIT ? OFFSET ?;

-- the rows of some keys: the same but for its end
… AS output
WHERE (output.email GLOB ?) AND output.income IN (SELECT value
FROM json_each(?)) AND output._key IN (SELECT value
FROM json_each(?));
