"""What make does around the build: ``python -m tools.NAME``, in the folder of the Makefile."""
