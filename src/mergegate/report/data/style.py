"""How the page looks: light or dark as its reader has it, narrow, wide or on paper."""

from base64 import b64encode
from hashlib import sha256

# Colours by Okabe and Ito, which people with any colour vision tell apart; lightness differs too.
CSS = """
:root {
  color-scheme: light dark;
  --page: #fff; --ink: #1c1e21; --soft: #57606a; --line: #d5d9de; --panel: #f5f6f8; --link: #0b5cad;
  --track: #e4e7eb; --fill: #0072b2; --beside: #1c1e21;
  --loud: #a33b00; --loudpanel: #fdf1ea; --added: #0072b2; --removed: #d55e00; --changed: #e0a100;
  --same: #c3c9d0; --heat: 0, 114, 178;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c; --ink: #e4e7eb; --soft: #9aa4af; --line: #363c44; --panel: #1e2227; --link: #7cc0f5;
    --track: #343a42; --fill: #56b4e9; --beside: #f3f4f6;
    --loud: #ff9d66; --loudpanel: #2e211a; --added: #56b4e9; --removed: #e8783a; --changed: #f0c543;
    --same: #59616b; --heat: 86, 180, 233;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 76rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h1 code { font-size: .92em; }
h2 { margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 1px solid var(--line); font-size: 1.2rem; }
h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
p { margin: .5rem 0; max-width: 60rem; }
a { color: var(--link); }
a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code {
  font: .9em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  white-space: pre-wrap; unicode-bidi: isolate;
}
code.value, p code, li code, dd code { padding: .05em .3em; border-radius: .25em; background: var(--panel); }
.kind, .note, footer { color: var(--soft); }
.kind { margin: 0; font-size: .85rem; letter-spacing: .06em; text-transform: uppercase; }
.headline { font-size: 1.15rem; font-weight: 600; }
.headline.loud { color: var(--loud); }
.none { color: var(--soft); font-style: italic; }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: 1rem 0 0; padding: 0; list-style: none; }
.findings { margin: 0; padding: 0; list-style: none; }
.findings li {
  display: grid; grid-template-columns: 11rem 1fr; gap: .25rem 1rem; padding: .45rem .75rem;
  border-left: .3rem solid var(--line);
}
.findings li + li { margin-top: .35rem; }
.findings li.loud { border-left-color: var(--loud); background: var(--loudpanel); }
.findings b { font-weight: 600; }
.findings li.loud b { color: var(--loud); }
.tables { display: flex; flex-wrap: wrap; gap: 0 3.5rem; }
.table { min-width: 0; max-width: 100%; }
.scroll { overflow-x: auto; margin: .5rem 0 1rem; }
table { border-collapse: separate; border-spacing: 0; font-size: .92rem; overflow-wrap: break-word; }
caption { padding: .4rem 0; text-align: left; font-weight: 600; white-space: nowrap; }
th, td {
  padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
}
th { white-space: nowrap; }
td { min-width: 4.5rem; max-width: 26rem; }
td.words { min-width: 18rem; }
td code, th code { display: inline-block; width: max-content; max-width: 22rem; overflow-wrap: anywhere; }
.scroll th:first-child, .scroll td:first-child { position: sticky; left: 0; background: var(--page); }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
td svg { display: block; width: 100%; min-width: 5rem; height: .4rem; margin-top: .2rem; }
.track { fill: var(--track); }
.fill { fill: var(--fill); }
.beside { stroke: var(--beside); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.stacks { max-width: 44rem; margin: .75rem 0; }
.stack { display: grid; grid-template-columns: 3rem 1fr; align-items: center; margin: .3rem 0; }
.stack svg { width: 100%; height: 1.1rem; background: var(--panel); }
.added { fill: var(--added); background: var(--added); }
.removed { fill: var(--removed); background: var(--removed); }
.changed { fill: var(--changed); background: var(--changed); }
.same { fill: var(--same); background: var(--same); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-left: 3rem; font-size: .92rem; }
.swatch { display: inline-block; width: .8rem; height: .8rem; margin-right: .4rem; border-radius: .15rem; }
.matrix { border-top: 1px solid var(--line); border-left: 1px solid var(--line); }
.matrix th, .matrix td { padding: .4rem .9rem; border-right: 1px solid var(--line); }
.matrix td { text-align: right; font-variant-numeric: tabular-nums; }
.heat1 { background: rgba(var(--heat), .1); }
.heat2 { background: rgba(var(--heat), .18); }
.heat3 { background: rgba(var(--heat), .26); }
.heat4 { background: rgba(var(--heat), .34); }
.heat5 { background: rgba(var(--heat), .42); font-weight: 600; }
dt { margin-top: .75rem; font-weight: 600; }
dd { margin: .1rem 0 0; max-width: 60rem; }
footer { margin-top: 3rem; font-size: .85rem; }
@media (max-width: 40rem) {
  body { padding: 1rem .9rem 3rem; }
  h1 { font-size: 1.3rem; }
  .findings li { grid-template-columns: 1fr; gap: 0; }
  .legend { margin-left: 0; }
}
@page { size: landscape; margin: 1.2cm; }
@media print {
  :root {
    --page: #fff; --ink: #000; --soft: #444; --line: #bbb; --panel: #f2f2f2; --link: #000; --track: #e4e7eb;
    --fill: #0072b2; --beside: #000; --loud: #8a3200; --loudpanel: #fff; --added: #0072b2; --removed: #d55e00;
    --changed: #e0a100; --same: #c3c9d0; --heat: 0, 114, 178;
  }
  body { max-width: none; padding: 0; font-size: 9.5pt; print-color-adjust: exact; }
  nav, .skip { display: none; }
  .tables { display: block; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding-right: .4rem; }
  th, td, td.number { min-width: 0; white-space: normal; overflow-wrap: anywhere; }
  td.words { min-width: 9rem; }
  h2 { break-after: avoid; }
  tr, .findings li, dt { break-inside: avoid; }
}
"""

POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(CSS.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing is loaded, nothing runs, and only these styles count."""
