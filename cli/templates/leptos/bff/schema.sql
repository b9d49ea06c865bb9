-- Runs at each start, so write it to be repeated. Add columns, don't rename them: an older version may still be running.
CREATE TABLE IF NOT EXISTS reviews (
  id INTEGER PRIMARY KEY,
  product TEXT NOT NULL,
  author TEXT NOT NULL,
  stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5),
  text TEXT NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS reviews_by_product ON reviews (product, id);
