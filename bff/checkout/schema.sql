-- Checkout: the cart, the stock and the orders.
-- Prices are integers of euro cents; image is a URL path; times are Unix time.

CREATE TABLE IF NOT EXISTS items (
  sku TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  image TEXT NOT NULL CHECK (image LIKE '/static/%'),
  stock INTEGER NOT NULL CHECK (stock >= 0)
) STRICT;

CREATE TABLE IF NOT EXISTS pickup_points (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  city TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS carts (
  id TEXT PRIMARY KEY NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS cart_lines (
  cart_id TEXT NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  sku TEXT NOT NULL REFERENCES items (sku),
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 20),
  position INTEGER NOT NULL,
  PRIMARY KEY (cart_id, sku)
) STRICT;

-- cart_id has no foreign key: an order outlives the cart it came from.
CREATE TABLE IF NOT EXISTS orders (
  id TEXT PRIMARY KEY NOT NULL,
  cart_id TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  email TEXT NOT NULL,
  pickup_point_id TEXT NOT NULL REFERENCES pickup_points (id),
  total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
  placed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS orders_by_cart ON orders (cart_id);

-- name and price_cents are copies: what was sold, not what is now offered.
CREATE TABLE IF NOT EXISTS order_lines (
  order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  sku TEXT NOT NULL,
  name TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity >= 1),
  price_cents INTEGER NOT NULL CHECK (price_cents > 0),
  PRIMARY KEY (order_id, sku)
) STRICT;
