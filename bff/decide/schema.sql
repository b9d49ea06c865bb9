-- Decide: the product page.
-- Prices are integers of euro cents; image is a URL path.

CREATE TABLE IF NOT EXISTS products (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  category_key TEXT NOT NULL,
  description TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS highlights (
  product_id TEXT NOT NULL REFERENCES products (id),
  position INTEGER NOT NULL CHECK (position >= 1),
  text TEXT NOT NULL,
  PRIMARY KEY (product_id, position)
) STRICT;

CREATE TABLE IF NOT EXISTS variants (
  sku TEXT PRIMARY KEY NOT NULL,
  product_id TEXT NOT NULL REFERENCES products (id),
  name TEXT NOT NULL,
  color TEXT NOT NULL CHECK (color GLOB '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  image TEXT NOT NULL CHECK (image LIKE '/static/%'),
  position INTEGER NOT NULL CHECK (position >= 1)
) STRICT;

CREATE INDEX IF NOT EXISTS variants_by_product ON variants (product_id, position);
