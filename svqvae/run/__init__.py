"""What a run needs beside the science: configuration, downloads, provenance, command line."""
