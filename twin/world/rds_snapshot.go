package world

import "github.com/causeway-iac/causeway/twin/value"

// typeSnapshot is what a deleted database leaves behind. No program of the twin makes one.
const typeSnapshot = "aws:rds/snapshot:Snapshot"

// finalSnapshot: a database is deleted with a final snapshot, or by a program that says it wants none. The provider asks
// for that before RDS does (Pulumi AWS, rds.Instance and rds.Cluster).
func finalSnapshot(_ *Call, o *Object) error {
	if !o.Flag("skipFinalSnapshot") && o.Text("finalSnapshotIdentifier") == "" {
		what := map[string]string{typeCluster: "RDS Cluster "}[o.Type]
		return message("FinalSnapshotRequired",
			"%sfinal_snapshot_identifier is required when skip_final_snapshot is false: give finalSnapshotIdentifier, or set "+
				"skipFinalSnapshot, and deploy that first", what)
	}
	return nil
}

// snapshotFree: the final snapshot's name is not taken (RDS API, DeleteDBInstance). Deleted databases leave theirs.
func snapshotFree(c *Call, o *Object) error {
	name := o.Text("finalSnapshotIdentifier")
	if o.Flag("skipFinalSnapshot") || c.find(typeSnapshot, name) == nil {
		return nil
	}
	code := "DBSnapshotAlreadyExists"
	if o.Type == typeCluster {
		code = "DBClusterSnapshotAlreadyExistsFault"
	}
	return fault(code, "Cannot create the snapshot because one with the identifier %s already exists, of %s: choose another "+
		"finalSnapshotIdentifier and deploy that first", name, c.find(typeSnapshot, name).Text("of"))
}

// snapshot leaves what a deleted database leaves.
func (c *Call) snapshot(o *Object, kind string) {
	name := o.Text("finalSnapshotIdentifier")
	if o.Flag("skipFinalSnapshot") || name == "" {
		return
	}
	s := &Object{Type: typeSnapshot, ID: name, Region: o.Region, Inputs: value.Map{}, Hidden: value.Map{}, Created: c.Now, Implicit: true,
		Outputs: value.Map{"name": name, "of": o.Text("identifier") + o.Text("clusterIdentifier"), "engine": o.Text("engine")}}
	s.Outputs["arn"] = c.expand(rdsARN+kind+"{id}", s)
	s.Key = c.keyFor(&kind0, s)
	c.Put(s)
}

// kind0 keeps what has no kind of its own by its id.
var kind0 kind
