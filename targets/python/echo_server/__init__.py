"""A service that decodes JSON and encodes it again, made to be measured."""
