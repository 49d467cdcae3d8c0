"""A service that echoes JSON, keeps a ledger and signs users in, made to be measured."""
