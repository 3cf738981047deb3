package controls

// Excluded is a control that is not decided here, and why.
type Excluded struct {
	Number int
	Title  string
	Reason string
}

const (
	ofAccount = "it is a matter of the account, and belongs to the stack that sets accounts up"
	atRunTime = "it only shows at run time"
)

// OutOfScope are the controls that nothing in a workload's graph can decide.
var OutOfScope = []Excluded{
	{5, "VPC Block Public Access", ofAccount + "; it would also refuse the load balancer that browsers reach"},
	{115, "Root, users, passwords and multi-factor authentication", ofAccount},
	{156, "Rotations of secrets succeed, and secrets are used", atRunTime},
	{173, "Deleting a version from a bucket needs a second factor", "only the account's root can turn it on, with a device at hand"},
	{175, "Requests for objects in CloudTrail, Macie, access points", ofAccount},
	{180, "Metrics and alarms on the account's trail", ofAccount},
	{192, "The domain is locked and private at its registrar", "it is a matter of the registrar"},
	{226, "Defaults of volumes, snapshots, images and metadata", ofAccount},
	{227, "CloudTrail in every region", ofAccount},
	{228, "Config, GuardDuty, Inspector, Security Hub, Access Analyzer, contacts", ofAccount},
}
