"""The REST kernel: the rules that all operations, lists, records and errors of the API share."""
