-- privacy_office: full for privacy_administration, as privacy_officer, on sqlite
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
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = ?
LEFT OUTER JOIN customer_sealed AS _sensitive ON _sensitive.customer_id = customer.customer_id AND _sensitive.segment = ?) AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = ? AND cdp_identifier.kind = ? AND cdp_identifier.token IN (SELECT value
FROM json_each(?))) AND output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = ? AND cdp_word.field = ? AND cdp_word.token IN (SELECT value
FROM json_each(?)) GROUP BY cdp_word.row_id 
HAVING count(*) = ?) AND output._key > ?
ORDER BY output._key
LIMIT ? OFFSET ?;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = ? AND cdp_identifier.kind = ? AND cdp_identifier.token IN (SELECT value
FROM json_each(?))) AND output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = ? AND cdp_word.field = ? AND cdp_word.token IN (SELECT value
FROM json_each(?)) GROUP BY cdp_word.row_id 
HAVING count(*) = ?)
ORDER BY output._key
LIMIT ? OFFSET ?;

-- the rows of some keys: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = ? AND cdp_identifier.kind = ? AND cdp_identifier.token IN (SELECT value
FROM json_each(?))) AND output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = ? AND cdp_word.field = ? AND cdp_word.token IN (SELECT value
FROM json_each(?)) GROUP BY cdp_word.row_id 
HAVING count(*) = ?) AND output._key IN (SELECT value
FROM json_each(?));
