-- Explore: the catalogue, the recommendations and the stores.
-- Prices are integers of euro cents; image is a URL path.

CREATE TABLE IF NOT EXISTS categories (
  key TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  blurb TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position >= 1)
) STRICT;

CREATE TABLE IF NOT EXISTS products (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  category TEXT NOT NULL REFERENCES categories (key),
  teaser TEXT NOT NULL,
  from_price_cents INTEGER NOT NULL CHECK (from_price_cents > 0),
  image TEXT NOT NULL CHECK (image LIKE '/static/%'),
  position INTEGER NOT NULL CHECK (position >= 1)
) STRICT;

CREATE INDEX IF NOT EXISTS products_by_category ON products (category, position);

-- red, green and blue are the body colour: recommendations take the nearest.
CREATE TABLE IF NOT EXISTS variants (
  sku TEXT PRIMARY KEY NOT NULL,
  product_id TEXT NOT NULL REFERENCES products (id),
  name TEXT NOT NULL,
  red INTEGER NOT NULL CHECK (red BETWEEN 0 AND 255),
  green INTEGER NOT NULL CHECK (green BETWEEN 0 AND 255),
  blue INTEGER NOT NULL CHECK (blue BETWEEN 0 AND 255),
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  image TEXT NOT NULL CHECK (image LIKE '/static/%')
) STRICT;

CREATE INDEX IF NOT EXISTS variants_by_product ON variants (product_id);

CREATE TABLE IF NOT EXISTS stores (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  street TEXT NOT NULL,
  city TEXT NOT NULL,
  opening TEXT NOT NULL,
  image TEXT NOT NULL CHECK (image LIKE '/static/%')
) STRICT;
