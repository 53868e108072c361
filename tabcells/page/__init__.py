"""A page as text: split into what each tab runs, merged with what each printed."""
