package picture

// Colours are written out for light and for dark, since not everything that draws SVG supports variables; a renderer
// that ignores the media query draws the light version.
const style = `
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:#1c2430}
.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.muted{fill:#5b6778}
.strong{font-weight:600}
.page{fill:#fbfcfe;stroke:#d8dee9}
.card{fill:#ffffff;stroke:#d8dee9}
.vpc{fill:#f3f6fa;stroke:#b6c2d1;stroke-dasharray:6 5}
.cell{fill:#ffffff;fill-opacity:.66}
.rule{stroke:#e4e9f0}
.flow{stroke:#5b6778;stroke-width:2;fill:none}
.head{fill:#5b6778}
.icon{fill:none;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round;stroke:#5b6778}
.public{fill:#0e7490}.web{fill:#6d28d9}.app{fill:#1d4ed8}.data{fill:#047857}.wall{fill:#b45309}
.public-line{stroke:#0e7490}.web-line{stroke:#6d28d9}.app-line{stroke:#1d4ed8}.data-line{stroke:#047857}.wall-line{stroke:#b45309}
.tint{fill-opacity:.09}
.pill{fill:#fff7e8;stroke:#b45309}
.on{fill:#047857}
.off{fill:none;stroke:#8a94a3;stroke-width:1.5}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}
.muted{fill:#9aa7b8}
.page{fill:#0d1117;stroke:#30363d}
.card{fill:#161b22;stroke:#30363d}
.vpc{fill:#11161d;stroke:#4a5568}
.cell{fill:#0d1117;fill-opacity:.6}
.rule{stroke:#252c35}
.flow{stroke:#9aa7b8}
.head{fill:#9aa7b8}
.icon{stroke:#9aa7b8}
.public{fill:#22d3ee}.web{fill:#a78bfa}.app{fill:#7aa7ff}.data{fill:#34d399}.wall{fill:#fbbf24}
.public-line{stroke:#22d3ee}.web-line{stroke:#a78bfa}.app-line{stroke:#7aa7ff}.data-line{stroke:#34d399}.wall-line{stroke:#fbbf24}
.tint{fill-opacity:.12}
.pill{fill:#2a2113;stroke:#fbbf24}
.on{fill:#34d399}
.off{stroke:#6b7686}
}
`

// icons are line drawings of 24 by 24 units.
var icons = map[string]string{
	"browser":  "M3 5h18v14H3zM3 9.5h18M6 7.2h.01M8.6 7.2h.01",
	"dns":      "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c3.2 2.6 3.2 15.4 0 18M12 3c-3.2 2.6-3.2 15.4 0 18",
	"tls":      "M5 11h14v9H5zM8 11V8a4 4 0 0 1 8 0v3M12 14.5v2.5",
	"wall":     "M12 3l7.5 3v5.5c0 4.5-3.1 7.8-7.5 9.5c-4.4-1.7-7.5-5-7.5-9.5V6zM8.8 12l2.3 2.3l4.3-4.6",
	"balancer": "M12 3v6M12 9l-7 6M12 9v6M12 9l7 6M2.8 15h4.4v5H2.8zM9.8 15h4.4v5H9.8zM16.8 15h4.4v5h-4.4z",
	"servers":  "M4 4h16v6.5H4zM4 13.5h16V20H4zM7.5 7.2h.01M7.5 16.8h.01M11 7.2h5.5M11 16.8h5.5",
	"database": "M4.5 6a7.5 3 0 1 0 15 0a7.5 3 0 1 0-15 0M4.5 6v12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3V6" +
		"M4.5 12c0 1.7 3.4 3 7.5 3s7.5-1.3 7.5-3",
}
