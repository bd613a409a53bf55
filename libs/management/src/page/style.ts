/**
 * How the page looks: calm, so that what is wrong stands out. Colours carry no meaning alone, and follow the reader's choice
 * of light or dark.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f4f6f8; --card: #ffffff; --ink: #1a2330; --soft: #515d6c; --line: #d5dbe2;
  --green: #17734a; --yellow: #845400; --red: #b3261e; --blue: #1d5bb8; --on: #ffffff;
  --green-bg: #e3f4ea; --yellow-bg: #fdf1d8; --red-bg: #fce8e6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f141a; --card: #171e27; --ink: #e7ecf3; --soft: #a3b0bf; --line: #2d3845;
    --green: #5ccd96; --yellow: #f2bf5b; --red: #ff9388; --blue: #86b7ff; --on: #0f141a;
    --green-bg: #12301f; --yellow-bg: #35290f; --red-bg: #3d1815;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0 auto; max-width: 84rem; padding: 0 1rem 4rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: .95rem; margin: 0 0 .5rem; color: var(--soft); font-weight: 600; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
p { margin: 0 0 .5rem; overflow-wrap: anywhere; }
a { color: var(--blue); }
ul, ol { list-style: none; margin: 0; padding: 0; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; z-index: 2; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.small { font-size: .875rem; color: var(--soft); }

header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; justify-content: space-between; align-items: center; padding: 1rem 0 .5rem; }
header p { margin: 0; color: var(--soft); }
#connection { padding: .25rem .75rem; border-radius: 1rem; background: var(--red-bg); color: var(--red); }
#connection[data-live=true] { background: var(--green-bg); color: var(--green); }
body.stale main { opacity: .75; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding-bottom: .75rem; }

.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; min-width: 0; }
#overview { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem; }
#overview p { margin: 0; }
.big { font-size: 1.75rem; line-height: 1.3; font-weight: 650; }
.big.name { font-size: 1.35rem; }
.state-card { border-width: 2px; }
.state-card .sign { display: inline-block; width: 2.5rem; height: 2.5rem; line-height: 2.5rem; border-radius: 50%; text-align: center; color: var(--on); font-size: 1.4rem; vertical-align: .1rem; }
[data-state=green] .state-card { border-color: var(--green); background: var(--green-bg); }
[data-state=green] .state-card .sign { background: var(--green); }
[data-state=yellow] .state-card { border-color: var(--yellow); background: var(--yellow-bg); }
[data-state=yellow] .state-card .sign { background: var(--yellow); }
[data-state=red] .state-card { border-color: var(--red); background: var(--red-bg); }
[data-state=red] .state-card .sign { background: var(--red); }
.state-card .small, .state-card h2 { color: var(--ink); }
#step-down { margin-top: .5rem; }

#findings li { margin-top: .75rem; padding: .6rem 1rem; border-radius: .5rem; border-left: .4rem solid; overflow-wrap: anywhere; }
#findings .alarm { background: var(--red-bg); border-color: var(--red); }
#findings .warning { background: var(--yellow-bg); border-color: var(--yellow); }
#findings .note { background: var(--card); border-color: var(--line); }
#findings a { color: inherit; }

.columns { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 7fr); gap: 1rem; margin-top: 1rem; align-items: start; }
.column { display: grid; gap: 1rem; min-width: 0; }
@media (max-width: 56rem) { .columns { grid-template-columns: minmax(0, 1fr); } }

ol#log:empty::before { content: "Nothing since this page was opened."; color: var(--soft); }
svg { display: block; width: 100%; max-width: 34rem; max-height: 34rem; margin: 0 auto; }
.link { stroke: var(--line); stroke-linecap: round; }
.link.unknown { stroke-dasharray: 2 6; }
.link.chosen { stroke: var(--blue); }
.link.faint { opacity: .35; }
.rift line { stroke: var(--red); stroke-width: 2.5; stroke-dasharray: 7 5; }
.rift.oneWay line { stroke: var(--yellow); stroke-dasharray: none; }
.cross { stroke: var(--red); stroke-width: 3; }
.rift.oneWay .cross { stroke: none; }
.arrow { fill: var(--yellow); }
.dot { cursor: pointer; }
.dot circle { fill: var(--green); stroke: var(--card); stroke-width: 2; }
.dot.degraded circle, .dot.suspect circle { fill: var(--yellow); }
.dot.down circle { fill: var(--red); }
.dot.left circle { fill: var(--soft); }
.dot.silent circle { stroke: var(--ink); stroke-dasharray: 3 3; }
.dot.chosen circle { stroke: var(--blue); stroke-width: 4; }
.dot text { text-anchor: middle; fill: var(--ink); font-size: 13px; }
.dot .name { paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.dot .sign { fill: var(--on); font-size: 14px; font-weight: 700; }

table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding: .5rem 0; }
th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; }
thead th { color: var(--soft); font-size: .875rem; }
tr[data-status=down] .status { color: var(--red); }
tr[data-status=suspect] .status, tr[data-status=degraded] .status { color: var(--yellow); }
tr[data-chosen] { background: var(--ground); }
.scroll { overflow: auto; max-height: 26rem; }
.scroll th, .scroll td { white-space: nowrap; padding-right: .75rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; max-height: 8rem; overflow-y: auto; }

button, input, select, textarea { font: inherit; color: inherit; border: 1px solid var(--soft); border-radius: .4rem; background: var(--card); padding: .3rem .7rem; }
button { cursor: pointer; }
button:hover { border-color: var(--blue); }
button.primary { background: var(--blue); border-color: var(--blue); color: var(--on); }
button.danger { border-color: var(--red); color: var(--red); }
button.plain { border: 0; padding: 0; background: none; text-align: left; color: var(--blue); text-decoration: underline; overflow-wrap: anywhere; }
button[aria-pressed=true]:not(.plain) { background: var(--blue); border-color: var(--blue); color: var(--on); }
button.plain[aria-pressed=true] { font-weight: 700; }
input { max-width: 100%; }
textarea { width: 100%; font-family: ui-monospace, Consolas, "DejaVu Sans Mono", monospace; font-size: .9rem; }
.row, .actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .5rem 0; }
#prefix, #key { flex: 1 1 10rem; }
ul.keys { max-height: 18rem; overflow: auto; font-family: ui-monospace, Consolas, "DejaVu Sans Mono", monospace; font-size: .9rem; }
ul.keys li { content-visibility: auto; contain-intrinsic-size: auto 1.4rem; }
#editor { border-top: 1px solid var(--line); margin-top: .75rem; padding-top: .5rem; }

.partition { border-top: 1px solid var(--line); padding: .25rem 0; }
.partition.waiting { border: 2px solid var(--red); border-radius: .5rem; padding: .25rem .75rem; }
#log { max-height: 24rem; overflow: auto; font-size: .9rem; }
#log li { padding: .15rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
#log time { color: var(--soft); font-variant-numeric: tabular-nums; }
#log.without-store .store { display: none; }

dialog { border: 1px solid var(--line); border-radius: .75rem; background: var(--card); color: var(--ink); width: min(32rem, calc(100vw - 2rem)); padding: 1.25rem; }
dialog h2 { color: var(--ink); font-size: 1.15rem; overflow-wrap: anywhere; }
dialog::backdrop { background: rgb(0 0 0 / 50%); }
dialog .actions { justify-content: flex-end; }
dialog .keys { border: 1px solid var(--line); border-radius: .4rem; padding: .5rem; }
dialog input { display: block; width: 100%; margin: .25rem 0 .75rem; }
#toasts { position: fixed; right: 1rem; bottom: 1rem; display: grid; gap: .5rem; max-width: calc(100vw - 2rem); z-index: 1; }
.toast { margin: 0; padding: .6rem 1rem; border-radius: .5rem; background: var(--ink); color: var(--ground); }
.toast.failed { background: var(--red); color: var(--on); }
`;
