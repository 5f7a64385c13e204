"""Serve: a model over HTTP, with a page to try it and a route for clients of the OpenAI protocol."""
