package monitoring

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/servers"
)

// The dashboard is 24 units wide (AWS, CloudWatch user guide, "Dashboard body
// structure and syntax"): one column for each box of the picture.
const (
	dashboardWidth = 24
	titleHeight    = 2
	statusHeight   = 4
	graphHeight    = 5
)

// column is a box of the picture with the graphs below it, from top to bottom.
type column struct {
	title, subtitle string
	width           int
	graphs          []graph
}

// graph is one chart. Its unit is the left axis's label.
type graph struct {
	title, unit string
	lines       []metric
}

// columns follow a request, from left to right.
func (b *builder) columns() []column {
	edge, internal, db := balancer(b.edge), balancer(b.internal), databaseDims(b.db)
	return []column{
		{
			title: "Edge", subtitle: "HTTPS from browsers", width: 5,
			graphs: []graph{
				{"Requests a minute", "requests", []metric{edge.metric("RequestCount", "Sum")}},
				{"Failures a minute", "5xx",
					[]metric{edge.metric("HTTPCode_Target_5XX_Count", "Sum"), edge.metric("HTTPCode_ELB_5XX_Count", "Sum")}},
				{"Time to answer", "seconds", []metric{edge.metric("TargetResponseTime", "p50"), edge.metric("TargetResponseTime", "p99")}},
				{"Turned away a minute", "connections", []metric{
					edge.metric("RejectedConnectionCount", "Sum"), edge.metric("ClientTLSNegotiationErrorCount", "Sum"),
				}},
			},
		},
		b.tierColumn("Web", b.web),
		{
			title: "Internal", subtitle: "calls from web to app", width: 4,
			graphs: []graph{
				{"Requests a minute", "requests", []metric{internal.metric("RequestCount", "Sum")}},
				{"Failures a minute", "5xx", []metric{
					internal.metric("HTTPCode_Target_5XX_Count", "Sum"), internal.metric("HTTPCode_ELB_5XX_Count", "Sum"),
				}},
				{"Time to answer", "seconds",
					[]metric{internal.metric("TargetResponseTime", "p50"), internal.metric("TargetResponseTime", "p99")}},
				{"TLS to servers failed", "connections", []metric{internal.metric("TargetTLSNegotiationErrorCount", "Sum")}},
			},
		},
		b.tierColumn("Application", b.app),
		{
			title: "Database", subtitle: b.db.Engine + " " + b.db.Version + ", " + b.db.Class, width: 5,
			graphs: []graph{
				{"Connections", "connections", []metric{db.metric("DatabaseConnections", "Maximum")}},
				{"CPU", "percent", []metric{db.metric("CPUUtilization", "Average")}},
				{"Time to read and write", "seconds", []metric{db.metric("ReadLatency", "Average"), db.metric("WriteLatency", "Average")}},
				{"Room left", "bytes", b.room(db)},
			},
		},
	}
}

func (b *builder) tierColumn(title string, g *servers.Group) column {
	target := targets(g.Target)
	group := dims{"AWS/AutoScaling", pulumi.StringMap{"AutoScalingGroupName": g.Name}}
	servers := dims{"AWS/EC2", pulumi.StringMap{"AutoScalingGroupName": g.Name}}
	return column{
		title: title, subtitle: fmt.Sprintf("%d to %d servers", g.MinSize, g.MaxSize), width: 5,
		graphs: []graph{
			{"Servers", "servers", []metric{
				target.metric("HealthyHostCount", "Minimum"), target.metric("UnHealthyHostCount", "Maximum"),
				group.metric("GroupDesiredCapacity", "Maximum"),
			}},
			{"Failures a minute", "5xx", []metric{target.metric("HTTPCode_Target_5XX_Count", "Sum")}},
			{"Time to answer", "seconds", []metric{target.metric("TargetResponseTime", "p50"), target.metric("TargetResponseTime", "p99")}},
			{"CPU", "percent", []metric{servers.metric("CPUUtilization", "Average"), servers.metric("CPUUtilization", "Maximum")}},
		},
	}
}

func (b *builder) room(db dims) []metric {
	memory := db.metric("FreeableMemory", "Minimum")
	if b.db.Aurora {
		return []metric{memory}
	}
	return []metric{memory, db.metric("FreeStorageSpace", "Minimum")}
}

func targets(g *loadbalancer.TargetGroup) dims {
	d := balancer(g.LoadBalancer)
	d.dimensions["TargetGroup"] = g.ARNSuffix
	return d
}

func (b *builder) dashboard() error {
	columns := b.columns()
	var values []any // of dimensions, in the order in which they are drawn
	for _, c := range columns {
		for _, g := range c.graphs {
			for _, m := range g.lines {
				for _, key := range m.keys() {
					values = append(values, m.dimensions[key])
				}
			}
		}
	}
	body := pulumi.All(b.arns, pulumi.All(values...)).ApplyT(func(known []any) (string, error) {
		return draw(b.p.Name, b.p.Region, columns, known[0].([]string), known[1].([]any))
	}).(pulumi.StringOutput)
	// CloudWatch uses a dashboard's name as given, and people look for it by name.
	made, err := cloudwatch.NewDashboard(b.ctx, b.name, &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(b.name), DashboardBody: body,
	}, b.child()...)
	if err != nil {
		return fmt.Errorf("making the dashboard: %w", err)
	}
	b.m.Dashboard = pulumi.Sprintf("https://%s.console.aws.amazon.com/cloudwatch/home?region=%s#dashboards/dashboard/%s",
		b.p.Region, b.p.Region, made.DashboardName)
	return nil
}

type widget struct {
	Type       string         `json:"type"`
	X          int            `json:"x"`
	Y          int            `json:"y"`
	Width      int            `json:"width"`
	Height     int            `json:"height"`
	Properties map[string]any `json:"properties"`
}

// draw lays the columns out below the state of every alarm. values are those of the metrics' dimensions, in order.
func draw(platform, region string, columns []column, alarms []string, values []any) (string, error) {
	widgets := []widget{{
		Type: "alarm", Width: dashboardWidth, Height: statusHeight,
		Properties: map[string]any{"title": platform + ": what users see", "alarms": alarms},
	}}
	x := 0
	for _, c := range columns {
		y := statusHeight
		widgets = append(widgets, widget{
			Type: "text", X: x, Y: y, Width: c.width, Height: titleHeight,
			Properties: map[string]any{"markdown": "## " + c.title + "\n" + c.subtitle},
		})
		y += titleHeight
		for _, g := range c.graphs {
			var lines [][]any
			for _, m := range g.lines {
				line := []any{m.namespace, m.name}
				for _, key := range m.keys() {
					line = append(line, key, values[0])
					values = values[1:]
				}
				lines = append(lines, append(line, map[string]any{"stat": m.stat, "label": m.name + " " + m.stat}))
			}
			widgets = append(widgets, widget{
				Type: "metric", X: x, Y: y, Width: c.width, Height: graphHeight,
				Properties: map[string]any{
					"title": g.title, "region": region, "view": "timeSeries", "period": minute, "metrics": lines,
					"yAxis": map[string]any{"left": map[string]any{"min": 0, "label": g.unit, "showUnits": false}},
				},
			})
			y += graphHeight
		}
		x += c.width
	}
	text, err := json.Marshal(map[string]any{"widgets": widgets})
	if err != nil {
		return "", fmt.Errorf("drawing the dashboard: %w", err)
	}
	return string(text), nil
}

// keys are a metric's dimensions in a fixed order.
func (m metric) keys() (keys []string) {
	for key := range m.dimensions {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
