package world

import "github.com/causeway-iac/causeway/twin/value"

// TypeSnapshot is what a deleted database leaves behind. Programs on the twin cannot create one.
const TypeSnapshot = "aws:rds/snapshot:Snapshot"

// finalSnapshot: deleting a database takes a final snapshot, unless the program says it wants none. The provider
// checks this before RDS does (Pulumi AWS, rds.Instance and rds.Cluster).
func finalSnapshot(_ *Call, o *Object) error {
	if !o.Flag("skipFinalSnapshot") && o.Text("finalSnapshotIdentifier") == "" {
		what := map[string]string{typeCluster: "RDS Cluster "}[o.Type]
		return message("FinalSnapshotRequired",
			"%sfinal_snapshot_identifier is required when skip_final_snapshot is false: give finalSnapshotIdentifier, or set "+
				"skipFinalSnapshot, and deploy that first", what)
	}
	return nil
}

// snapshotFree: the final snapshot's name is not taken (RDS API, DeleteDBInstance). Snapshots of deleted databases
// keep theirs.
func snapshotFree(c *Call, o *Object) error {
	name := o.Text("finalSnapshotIdentifier")
	if o.Flag("skipFinalSnapshot") || c.find(TypeSnapshot, name) == nil {
		return nil
	}
	code := "DBSnapshotAlreadyExists"
	if o.Type == typeCluster {
		code = "DBClusterSnapshotAlreadyExistsFault"
	}
	return fault(code, "Cannot create the snapshot because one with the identifier %s already exists, of %s: choose another "+
		"finalSnapshotIdentifier and deploy that first", name, c.find(TypeSnapshot, name).Text("of"))
}

// snapshot keeps the final snapshot of a deleted database.
func (c *Call) snapshot(o *Object, kind string) {
	name := o.Text("finalSnapshotIdentifier")
	if o.Flag("skipFinalSnapshot") || name == "" {
		return
	}
	s := &Object{Type: TypeSnapshot, ID: name, Region: o.Region, Inputs: value.Map{}, Hidden: value.Map{}, Created: c.Now, Implicit: true,
		Outputs: value.Map{"name": name, "of": o.Text("identifier") + o.Text("clusterIdentifier"), "engine": o.Text("engine")}}
	s.Outputs["arn"] = c.expand(rdsARN+kind+"{id}", s)
	s.Key = c.keyFor(&kind0, s)
	c.Put(s)
}

// kind0 stores, by id, objects that have no kind of their own.
var kind0 kind
