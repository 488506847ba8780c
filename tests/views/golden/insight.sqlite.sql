-- insight: anonymized for analytics, as analyst, on sqlite
-- needed: birth_date, postcode, income, loyalty; segments: none

-- the next rows in the order of keys
SELECT output._key,
    output._subject,
    output._row,
    output._owner,
    output.birth_date,
    output.postcode,
    output.income,
    output.loyalty
FROM (SELECT cdp_release_1._row AS _key,
    CAST(NULL AS INTEGER) AS _subject,
    CAST(NULL AS TEXT) AS _row,
    CAST(NULL AS TEXT) AS _owner, cdp_release_1.birth_date AS birth_date, cdp_release_1.postcode AS postcode, cdp_release_1.income AS income, cdp_release_1.loyalty AS loyalty
FROM cdp_release_1) AS output
WHERE output.loyalty = ? AND output._key > ?
ORDER BY output._key
LIMIT ? OFFSET ?;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output.loyalty = ?
ORDER BY output.birth_date ASC NULLS LAST,
    output._key
LIMIT ? OFFSET ?;

-- the rows of some keys: the same but for its end
… AS output
WHERE output.loyalty = ? AND output._key IN (SELECT value
FROM json_each(?));
