-- acme_share: selective for disclosure, as acme_app, on sqlite
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
CASE WHEN (customer.refused__third_party_disclosure IS 0) THEN customer.postcode ELSE customer.postcode__general END AS postcode,
CASE WHEN (customer.refused__third_party_disclosure IS 0) THEN customer.income ELSE CAST(NULL AS INTEGER) END AS income,
CASE WHEN (customer.refused__third_party_disclosure IS 0) THEN _identity.sealed ELSE NULL END AS _segment_identity
FROM customer
JOIN cdp_token AS _customer_token ON _customer_token.customer_id = customer.customer_id AND _customer_token.entity = ? AND _customer_token.row_id = customer.customer_id AND _customer_token.scope = ?
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = ?
WHERE customer.cdp__provenance IN (SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = ? AND cdp_provenance_use.name IN (?)) AND customer.cdp__provenance IN (SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = ? AND cdp_provenance_use.name IN (?, ?))) AS output
WHERE output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = ? AND cdp_word.field = ? AND cdp_word.token IN (SELECT value
FROM json_each(?)) GROUP BY cdp_word.row_id 
HAVING count(*) = ?) AND output._segment_identity IS NOT NULL AND output.income >= ? AND output._key > ?
ORDER BY output._key
LIMIT ? OFFSET ?;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = ? AND cdp_word.field = ? AND cdp_word.token IN (SELECT value
FROM json_each(?)) GROUP BY cdp_word.row_id 
HAVING count(*) = ?) AND output._segment_identity IS NOT NULL AND output.income >= ?
ORDER BY output.postcode ASC NULLS LAST,
    output._key
LIMIT ? OFFSET ?;

-- the rows of some keys: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_word.row_id
FROM cdp_word
WHERE cdp_word.entity = ? AND cdp_word.field = ? AND cdp_word.token IN (SELECT value
FROM json_each(?)) GROUP BY cdp_word.row_id 
HAVING count(*) = ?) AND output._segment_identity IS NOT NULL AND output.income >= ? AND output._key IN (SELECT value
FROM json_each(?));
