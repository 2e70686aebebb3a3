"""Stripe's webhooks: deliveries into bronze, and the objects they name into the day's partition."""
