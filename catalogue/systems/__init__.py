"""Systems: running installations of software, each with one owner."""
