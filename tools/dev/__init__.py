"""What ./dev does; see tools/README.md."""
