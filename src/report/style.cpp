#include "report/style.h"

namespace hasten::report {

// Colours: --a and --b are the two sides, --good and --bad verdicts, --mark what should catch the
// eye.
const char k_style[] = R"(
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#16202c;--muted:#5d6b7a;--line:#dfe4ea;--grid:#eaeef2;
--a:#7a8797;--b:#1769d2;--mark:#d4351c;--good:#0f7b48;--good-soft:#e3f4ea;--bad:#b3261e;--bad-soft:#fbe9e7;--point:.55}
@media(prefers-color-scheme:dark){:root{--page:#0e1319;--card:#161d26;--ink:#e8edf3;--muted:#94a3b4;--line:#2a3542;
--grid:#212b37;--a:#8f9db0;--b:#5aa6ff;--mark:#ff7a62;--good:#4fd08c;--good-soft:#10281d;--bad:#ff8a7d;--bad-soft:#331917;--point:.6}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:28px 20px 56px}
h1{font-size:26px;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:18px;margin:36px 0 12px}
.lead,.note{color:var(--muted)}.lead{margin:0 0 20px;overflow-wrap:anywhere}
.verdict{border-left:6px solid var(--bad);background:var(--bad-soft);border-radius:8px;padding:14px 18px}
.verdict.good{border-color:var(--good);background:var(--good-soft)}
.verdict b{display:block;font-size:20px;color:var(--bad)}.verdict.good b{color:var(--good)}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:16px}
@media(min-width:900px){.grid.plots{grid-template-columns:1fr 1fr}}
figure,.card{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
figure h3{font-size:15px;margin:0 0 6px}
figcaption{color:var(--muted);font-size:13px;margin-top:6px}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--muted)}
svg .name{fill:var(--ink)}svg .axis{stroke:var(--line)}svg .rule{stroke:var(--grid)}
svg .guide{stroke:var(--muted);stroke-dasharray:4 4;fill:none}
svg .points{stroke:var(--b);stroke-opacity:var(--point);stroke-width:3.2;stroke-linecap:round;fill:none}
svg .points.mark{stroke:var(--mark);stroke-opacity:.95;stroke-width:4.5}
svg .curve{stroke:var(--b);stroke-width:2;fill:none;stroke-linejoin:round}
svg .area{fill:var(--b);fill-opacity:.16}svg .bar{fill:var(--b)}svg .bar.a{fill:var(--a)}svg .bar.mark{fill:var(--mark)}
svg.spark{width:120px}svg .value{fill:var(--ink);font-weight:600}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:8px 12px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th{color:var(--muted);font-weight:600;font-size:13px}tr:last-child td{border-bottom:0}
th:first-child,td:first-child,th.text{text-align:left}
td.text{white-space:normal;text-align:left;min-width:220px;overflow-wrap:anywhere}
.interval{color:var(--muted);font-size:12px;display:block}
.holds{color:var(--good);font-weight:600}.fails{color:var(--bad);font-weight:600}
ul.findings{list-style:none;margin:0;padding:0;display:grid;gap:10px}
ul.findings li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px;overflow-wrap:anywhere}
ul.findings em{font-style:normal;font-weight:600;color:var(--b);margin-right:8px}
.tabs>input{position:absolute;opacity:0;pointer-events:none}
.tabs>nav{display:flex;flex-wrap:wrap;gap:8px;margin:0 0 14px}
.tabs>nav label{border:1px solid var(--line);background:var(--card);border-radius:999px;padding:5px 14px;cursor:pointer}
.tabs>.panel{display:none}.panel>.scroll{margin-bottom:16px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 14px;margin:0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
footer{color:var(--muted);font-size:13px;margin-top:40px}
@media(max-width:520px){main{padding:20px 12px 40px}h1{font-size:22px}table{font-size:13px}
th,td{padding:7px 6px}th{font-size:12px;white-space:normal}td:first-child{white-space:normal;overflow-wrap:break-word}
.interval{font-size:11px}svg.spark{width:48px}}
@media print{body{background:#fff}.tabs>.panel{display:block!important}}
)";

}  // namespace hasten::report
