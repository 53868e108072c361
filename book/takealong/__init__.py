"""What readers take along: per page and tab a notebook and a script (`downloads`)."""
