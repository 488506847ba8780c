-- newsletter: opt_out for direct_marketing, as newsletter_app, on sqlite
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
LEFT OUTER JOIN customer_sealed AS _identity ON _identity.customer_id = customer.customer_id AND _identity.segment = ?
WHERE customer.refused__direct_marketing IS 0 AND customer.cdp__provenance IN (SELECT cdp_provenance_use.provenance
FROM cdp_provenance_use
WHERE cdp_provenance_use.kind = ? AND cdp_provenance_use.name IN (?))) AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = ? AND cdp_identifier.kind = ? AND cdp_identifier.token IN (SELECT value
FROM json_each(?))) AND output._key > ?
ORDER BY output._key
LIMIT ? OFFSET ?;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = ? AND cdp_identifier.kind = ? AND cdp_identifier.token IN (SELECT value
FROM json_each(?)))
ORDER BY output._key
LIMIT ? OFFSET ?;

-- the rows of some keys: the same but for its end
… AS output
WHERE output._row IN (SELECT cdp_identifier.row_id
FROM cdp_identifier
WHERE cdp_identifier.entity = ? AND cdp_identifier.kind = ? AND cdp_identifier.token IN (SELECT value
FROM json_each(?))) AND output._key IN (SELECT value
FROM json_each(?));
