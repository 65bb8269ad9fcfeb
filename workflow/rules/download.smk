# Files from elsewhere to their place on disk. Only those that are not there: a file that is, whoever
# put it there and however old, is never fetched again.
rule download:
    output:
        "{download}",
    log:
        f"{LOGS}/downloads/{{download}}.log",
    wildcard_constraints:
        download="|".join(map(re.escape, DOWNLOADS)) or "(?!)",
    # No retries: what may pass is tried again by the script, and wrong bytes stay wrong.
    # On a cluster, nodes often have no internet; the head node has.
    localrule: True
    conda:
        "../envs/svqvae.yaml"
    resources:
        mem_mb=500,
        runtime=1440,
    params:
        settings=lambda w: DOWNLOADS[w.download],
    script:
        "../scripts/download.py"
