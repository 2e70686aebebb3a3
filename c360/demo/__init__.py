"""A made-up company that is known completely: generator, ledger, and loopback servers that speak Stripe and Salesforce."""
