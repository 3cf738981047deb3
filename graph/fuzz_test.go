package graph_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// seeds are small documents of each kind, so that a fuzzer has their words to play with.
var seeds = []string{
	`{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:s::p::pulumi:pulumi:Stack::p-s","type":"pulumi:pulumi:Stack"},
	 {"urn":"urn:pulumi:s::p::aws:ec2/vpc:Vpc::v","custom":true,"id":"vpc-1","type":"aws:ec2/vpc:Vpc",
	 "inputs":{"cidrBlock":"10.0.0.0/16","tags":{"a":{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270",
	 "ciphertext":"x"}}},
	  "outputs":{"arn":"arn:v"},"parent":"urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"},
	 {"urn":"urn:pulumi:s::p::aws:ec2/subnet:Subnet::a","custom":true,"id":"subnet-1","type":"aws:ec2/subnet:Subnet",
	 "inputs":{"vpcId":"vpc-1","list":[1,null,{"b":true}]},
	  "propertyDependencies":{"vpcId":["urn:pulumi:s::p::aws:ec2/vpc:Vpc::v"]},"delete":false}]}}`,
	`{"steps":[{"op":"create","urn":"urn:pulumi:s::p::aws:ec2/vpc:Vpc::v","newState":{"urn":"urn:pulumi:s::p::aws:ec2/vpc:Vpc::v",
		"custom":true,"type":"aws:ec2/vpc:Vpc","inputs":{"a":"04da6b54-80e4-46f7-96ec-b56ff0331ba9"}}},
	 {"op":"delete","urn":"urn:pulumi:s::p::aws:ec2/vpc:Vpc::w","oldState":{"urn":"urn:pulumi:s::p::aws:ec2/vpc:Vpc::w","custom":true,
	 "id":"vpc-2","type":"aws:ec2/vpc:Vpc"}},
	 {"op":"update","urn":"urn:pulumi:s::p::aws:s3/bucketObject:BucketObject::o",
	 "oldState":{"urn":"urn:pulumi:s::p::aws:s3/bucketObject:BucketObject::o","custom":true,"id":"o",
	 "type":"aws:s3/bucketObject:BucketObject","outputs":{"x":1}},
	  "newState":{"urn":"urn:pulumi:s::p::aws:s3/bucketObject:BucketObject::o","custom":true,"type":"aws:s3/bucketObject:BucketObject",
	  "inputs":{"source":{"4dabf18193072939515e22adb298388d":"c44067f5952c0a294b673a41bacd8c17","hash":"00","path":"f"}}}}],
	 "changeSummary":{"create":1,"delete":1,"update":1}}`,
	`{"version":3,"deployment":{"resources":[{"urn":"urn:pulumi:s::p::a:b:C::d","type":"a:b:C",` +
		`"inputs":{"r":{"4dabf18193072939515e22adb298388d":"5cf8f73096256a8f31e491e813e4eb8e","urn":"urn:pulumi:s::p::a:b:C::d"},` +
		`"o":{"4dabf18193072939515e22adb298388d":"d0e6a833031e9bbcd3f4e8bde6ca49a4","value":[1]}}}]}}`,
	`{"steps":[{"op":"create","newState":{"urn":"urn:pulumi:s::p::a:b:C::d","type":"a:b:C"}}],"changeSummary":{"create":1}}`, // a panic
}

// FuzzFromState and FuzzFromPreview hold that whatever is read is refused, or is a graph
// whose every reference can be followed.
func FuzzFromState(f *testing.F) { fuzz(f, graph.FromState) }

func FuzzFromPreview(f *testing.F) { fuzz(f, graph.FromPreview) }

func fuzz(f *testing.F, read func(io.Reader) (*graph.Graph, error)) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		g, err := read(bytes.NewReader(data))
		if err != nil {
			require.Nil(t, g)
			return
		}
		for _, r := range g.Resources {
			require.Same(t, r, g.ByURN(r.URN))
			for property := range r.Inputs {
				for _, found := range g.Ref(r, property) {
					require.Same(t, found, g.ByURN(found.URN), "a reference leads out of the graph")
				}
			}
			r.Tag("Name")
		}
	})
}
