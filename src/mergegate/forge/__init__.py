"""GitHub as we speak to it: Actions' events, the REST API, CML's comments."""
