"""From trained models to tables: evaluation, relations, clusters, markers, planted truth."""
