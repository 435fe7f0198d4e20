"""Impact of migrations on people: the changes, notices, public statements and calendar."""
