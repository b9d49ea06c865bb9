//! W3C trace context: taken from the client, handed on to every BFF.
