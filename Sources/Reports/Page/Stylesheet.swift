// How the page looks: in the light, in the dark, on a phone, on paper.

enum Stylesheet {
    static let text = """
        :root{color-scheme:light dark;\(lightVariables)}
        @media (prefers-color-scheme:dark){:root{\(darkVariables)}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:1200px;margin:0 auto;padding:1rem}
        h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0 1rem}
        h2{font-size:1.15rem;margin:2rem 0 .75rem}
        p{margin:.4rem 0}
        .advice{background:var(--tint);border-left:4px solid var(--edge);border-radius:4px;padding:.6rem 1rem;font-size:1.05rem}
        .warning{border:2px solid var(--warn);border-radius:4px;padding:.5rem .8rem}
        .legend{list-style:none;padding:0;margin:0 0 1rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;font-size:.875rem}
        .legend svg{vertical-align:middle;margin-right:.25rem}
        .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:1.5rem}
        figure{margin:0;min-width:0}
        figcaption{font-size:.875rem;color:var(--soft)}
        figcaption strong{color:var(--ink);font-size:1rem;margin-right:.4rem}
        figure>.chart{display:block;width:100%;height:auto;touch-action:pan-y}
        .cursor{stroke:var(--ink);stroke-width:1;opacity:.6}
        .readout{list-style:none;margin:.25rem 0;padding:0;font-size:.8125rem;display:flex;flex-wrap:wrap;gap:0 1rem;min-height:1.5em;
        font-variant-numeric:tabular-nums}
        details{font-size:.875rem}
        summary{cursor:pointer;color:var(--soft);padding:.25rem 0}
        .wide{overflow-x:auto;margin-bottom:1.5rem}
        table{border-collapse:collapse;font-size:.8125rem;font-variant-numeric:tabular-nums}
        .costs{width:100%;max-width:820px}
        caption{text-align:left;font-weight:600;font-size:.9375rem;padding-bottom:.25rem}
        th,td{padding:.25rem .4rem;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
        thead th{color:var(--soft);font-weight:500;vertical-align:bottom;white-space:normal}
        .groups th,.groups td{border-bottom:0;text-align:center;padding-bottom:0}
        tbody th{text-align:left;font-weight:500;white-space:normal;min-width:5.5rem}
        .key{border-left:4px solid}
        \(keys)td.none{text-align:left}
        .remarks{padding-left:1.2rem}
        .unit{color:var(--soft)}
        dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:.5rem 1rem;margin:0}
        dt{color:var(--soft);font-size:.8125rem}
        dd{margin:0;overflow-wrap:anywhere}
        pre{background:var(--tint);padding:.6rem .8rem;border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.875rem}
        footer{color:var(--soft);font-size:.8125rem;margin-top:2rem}
        \(Chart.classes)@media (max-width:480px){main{padding:.75rem}table{font-size:.75rem}.chart{font-size:16px}.chart .unit{font-size:14px}
        .costs,.costs thead,.costs tbody,.costs caption{display:block}
        .costs tr{display:flex;flex-wrap:wrap;border-bottom:1px solid var(--grid)}
        .costs tr>*{flex:1 1 0;padding:.15rem .1rem;border-bottom:0}
        .costs [colspan="2"]{flex-grow:2}.costs [colspan="4"]{flex-grow:4}
        .costs thead td{display:none}.costs tbody th{flex:0 0 100%;padding-left:.4rem}}
        @media print{:root{color-scheme:light;\(lightVariables)}body{font-size:11pt}main{max-width:none;padding:0}figure,table,.advice{break-inside:avoid}
        .charts{grid-template-columns:1fr 1fr}details,.readout{display:none}.wide{overflow:visible}h2{break-after:avoid}
        *{print-color-adjust:exact}}

        """

    private static let lightVariables = """
        --ink:#1d1f23;--soft:#5a5f68;--paper:#fff;--tint:#f3f5f8;--grid:#d4d7dc;--edge:#0064b0;--warn:#b0182c;\
        \(Palette.variables(Palette.light))
        """

    private static let darkVariables = """
        --ink:#e6e7ea;--soft:#a3a9b3;--paper:#16181c;--tint:#20242a;--grid:#3c4149;--edge:#5ab4ff;--warn:#ff7f8e;\
        \(Palette.variables(Palette.dark))
        """

    /// A run's colour beside its name in tables.
    private static let keys = Palette.light.indices.map { ".k\($0){border-left-color:var(--line\($0))}\n" }.joined()
}
