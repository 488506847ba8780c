-- insight: anonymized for analytics, as analyst, on postgresql
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
    CAST(NULL AS BIGINT) AS _subject,
    CAST(NULL AS TEXT) COLLATE "C" AS _row,
    CAST(NULL AS TEXT) COLLATE "C" AS _owner, cdp_release_1.birth_date AS birth_date, cdp_release_1.postcode AS postcode, cdp_release_1.income AS income, cdp_release_1.loyalty AS loyalty
FROM cdp_release_1) AS output
WHERE output.loyalty = %(p0)s::VARCHAR COLLATE "C" AND output._key > %(after)s::BIGINT
ORDER BY output._key
LIMIT %(take)s;

-- a window in the caller's order: the same but for its end
… AS output
WHERE output.loyalty = %(p0)s::VARCHAR COLLATE "C"
ORDER BY output.birth_date ASC NULLS LAST,
    output._key
LIMIT %(take)s OFFSET %(skip)s;

-- the rows of some keys: the same but for its end
… AS output
WHERE output.loyalty = %(p0)s::VARCHAR COLLATE "C" AND output._key = ANY (CAST(%(keys)s AS BIGINT[]));
