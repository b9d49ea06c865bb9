-- Checkout: what it remembers between two requests of a cart.

-- The order form as last sent, JSON; problems are shown once.
CREATE TABLE IF NOT EXISTS drafts (
  cart_id TEXT PRIMARY KEY NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  form TEXT NOT NULL,
  problems TEXT NOT NULL
) STRICT;

-- A sentence for the cart page, shown once.
CREATE TABLE IF NOT EXISTS notices (
  cart_id TEXT PRIMARY KEY NOT NULL REFERENCES carts (id) ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;

-- Which showing of the form became which order: sent twice, it is one.
CREATE TABLE IF NOT EXISTS attempts (
  cart_id TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  PRIMARY KEY (cart_id, id)
) STRICT;

CREATE INDEX IF NOT EXISTS carts_by_age ON carts (created_at);
