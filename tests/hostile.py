"""Names of forty kinds that people, spreadsheets or attackers may write."""

import unicodedata

HOSTILE = [
    *("../x", "a/b", ".", "..", "CON", "-dash", "{x}", "{{y}}", "%s", "$HOME", "$x^2$", "=1+1"),
    *("<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", '"quoted"', "it's"),
    *("</script><b>x", "javascript:window.hit=1", "True", "1e5", "007", "inf", "a\\b", "\\n"),
    *("#hash", "a?q=1", "&amp;", "~", "a:b", "a,b", "50%", "100%25", "x" * 300, "💊", "\u202ertl"),
    *("日本語", "zero\u200bwidth", "__proto__", "constructor", "toString"),
    *(unicodedata.normalize(form, "é") for form in ("NFC", "NFD")),
]
