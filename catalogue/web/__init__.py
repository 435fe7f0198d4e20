"""The pages for people: each calls the API's own operations within the process."""
